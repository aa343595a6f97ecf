resource "aws_db_subnet_group" "rental" {
  name       = "rental"
  subnet_ids = aws_subnet.private[*].id
}

resource "aws_security_group" "database" {
  name        = "rental-database"
  description = "PostgreSQL, from the bastion host alone"
  vpc_id      = aws_vpc.main.id

  ingress {
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [aws_security_group.bastion.id]
  }
}

resource "random_password" "database" {
  length  = 24
  special = false
}

resource "aws_db_instance" "rental" {
  identifier             = "rental"
  engine                 = "postgres"
  engine_version         = "16"
  instance_class         = var.instance_class
  allocated_storage      = 20
  storage_encrypted      = true
  db_name                = "rental"
  username               = "rental"
  password               = random_password.database.result
  db_subnet_group_name   = aws_db_subnet_group.rental.name
  vpc_security_group_ids = [aws_security_group.database.id]
  skip_final_snapshot    = true
}
