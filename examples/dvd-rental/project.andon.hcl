# Who works here, and where they are told. Everything else refers to these.
andon {
  project  = "dvd-rental"
  lake     = "./lake"
  channels = [channel.line]
}

person "ana" {
  email = "ana@example.com"
}

team "payments" {
  members  = [person.ana]
  channels = [channel.line]
}

team "finance" {
  members = [person.ana]
}

channel "log" "line" {
  path = "notifications.log"
}
