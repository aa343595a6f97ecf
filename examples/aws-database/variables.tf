variable "region" {
  description = "Where everything stands."
  type        = string
  default     = "eu-west-1"
}

variable "cidr_block" {
  description = "The addresses of the network."
  type        = string
  default     = "10.0.0.0/16"
}

variable "office" {
  description = "Who may reach the bastion host: your own address, as 203.0.113.7/32."
  type        = string
}

variable "public_key" {
  description = "The SSH key that opens the bastion host."
  type        = string
}

variable "instance_class" {
  description = "How large the database is."
  type        = string
  default     = "db.t4g.micro"
}
