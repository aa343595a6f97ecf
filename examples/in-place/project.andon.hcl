andon {
  project = "in_place"
}
