provider "aws" {
  region = var.region
}

locals {
  tags = {
    Project = "aws-instance"
    Zone    = data.aws_availability_zones.available.names[0]
  }
}

data "aws_availability_zones" "available" {
  state = "available"
}

data "aws_ami" "ubuntu" {
  most_recent = true
  owners      = ["099720109477"]

  filter {
    name   = "name"
    values = ["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"]
  }
}

resource "aws_instance" "app_server" {
  ami               = data.aws_ami.ubuntu.id
  instance_type     = var.instance_type
  availability_zone = data.aws_availability_zones.available.names[0]

  root_block_device {
    volume_size = 10
    encrypted   = true
  }

  tags = merge(local.tags, { Name = var.instance_name })
}
