variable "region" {
  description = "Where everything stands."
  type        = string
  default     = "eu-west-1"
}

variable "instance_name" {
  description = "The tag Name of the instance."
  type        = string
  default     = "ExampleAppServerInstance"
}

variable "instance_type" {
  description = "How large the instance is."
  type        = string
  default     = "t3.micro"

  validation {
    condition     = startswith(var.instance_type, "t3.")
    error_message = "This example is a small one: a type of the family t3."
  }
}

variable "site" {
  description = "The name of the bucket that holds the website; unique in the world."
  type        = string
  default     = "andon-example-site"
}
