output "arn" {
  description = "The ARN of the bucket."
  value       = aws_s3_bucket.site.arn
}

output "name" {
  description = "The name of the bucket."
  value       = aws_s3_bucket.site.id
}

output "endpoint" {
  description = "Where the website is."
  value       = aws_s3_bucket_website_configuration.site.website_endpoint
}
