terraform {
  required_providers {
    random = {
      source  = "hashicorp/random"
      version = "~> 3.0"
    }
    local = {
      source  = "hashicorp/local"
      version = "~> 2.0"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.13"
    }
  }
}

variable "hosts" {
  description = "The hosts of the inventory."
  type        = set(string)
  default     = ["db", "web"]
}

resource "random_id" "host" {
  for_each    = var.hosts
  byte_length = 3

  keepers = { name = each.value }
}

resource "random_password" "root" {
  length  = 20
  special = false
}

# When the inventory came to be; it stays as long as the list of hosts does.
resource "time_static" "made" {
  triggers = { hosts = join(",", var.hosts) }
}

locals {
  names = [for host in sort(tolist(var.hosts)) : "${host}-${random_id.host[host].hex}"]
}

resource "local_file" "inventory" {
  filename = "inventory.txt"
  content  = "${join("\n", local.names)}\n"
}

resource "terraform_data" "announced" {
  input            = local.names
  triggers_replace = [local_file.inventory.content_sha256]

  provisioner "local-exec" {
    command = "echo inventory of ${length(local.names)} hosts >> announced.log"
  }
}

output "inventory" {
  value = terraform_data.announced.output
}

output "made" {
  description = "The day."
  value       = formatdate("YYYY", time_static.made.rfc3339)
}

output "root_password" {
  value     = random_password.root.result
  sensitive = true
}
