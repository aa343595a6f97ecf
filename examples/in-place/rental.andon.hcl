# A file here, so that the example runs everywhere; a server is
#
#   source "postgres" "rental" {
#     host     = "db.shop"
#     database = "rental"
#     user     = "andon_reader"
#     password = secret("env://RENTAL_PASSWORD")
#   }
source "sqlite" "rental" {
  path = "rental.db"
}

dataset "customer" {
  description = "One row for each customer."
  external    = source.rental.table.customer
  columns = {
    customer_id = { type = "long", required = true, unique = true }
    email       = { type = "string", pii = true }
  }
}

dataset "payment" {
  description = "One row for each payment."
  external    = source.rental.table.payment
  columns = {
    payment_id  = { type = "long", required = true, unique = true }
    customer_id = { type = "long", references = dataset.customer.column.customer_id }
    amount      = "double"
  }
  checks = {
    amount_in_range = expect_column_values_to_be_between("amount", { min_value = 0, max_value = 100 })
  }
}

pipeline "rental" {
  schedule = "0 * * * *"
  build    = [dataset.customer, dataset.payment]
}
