variable "bucket" {
  description = "The name of the bucket; unique in the world."
  type        = string
}

variable "tags" {
  description = "Of the bucket."
  type        = map(string)
  default     = {}
}
