output "instance_id" {
  description = "The ID of the instance."
  value       = aws_instance.app_server.id
}

output "instance_public_ip" {
  description = "Where it is reached."
  value       = aws_instance.app_server.public_ip
}

output "ami" {
  description = "The image that was the newest when it was made."
  value       = data.aws_ami.ubuntu.name
}
