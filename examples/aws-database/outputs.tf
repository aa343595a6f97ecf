output "bastion" {
  description = "The host to tunnel through."
  value       = aws_instance.bastion.public_ip
}

output "host" {
  value = aws_db_instance.rental.address
}

output "port" {
  value = aws_db_instance.rental.port
}

output "password" {
  description = "andon output -raw password"
  value       = random_password.database.result
  sensitive   = true
}

output "tunnel" {
  description = "Then the database is at localhost:5432."
  value       = "ssh -N -L 5432:${aws_db_instance.rental.endpoint} ubuntu@${aws_instance.bastion.public_ip}"
}
