# The models: plain SQL in files; what they read is found in the SQL.
dataset "fact_payment" {
  description = "Each payment with the film and the store that it was for."
  owner       = team.finance
  sql         = file("models/fact_payment.sql")
  load        = { mode = "replace" }
  columns = {
    payment_id   = { type = "long", required = true, unique = true }
    customer_id  = { type = "long", required = true }
    store_id     = { type = "int", required = true }
    film_id      = { type = "int", required = true }
    day          = { type = "date", required = true }
    amount       = { type = "decimal(5,2)", required = true }
    payment_date = { type = "timestamp", timezone = "UTC", required = true }
  }
  checks = {
    nothing_lost = expect_table_row_count_to_equal_other_table({ other_table_name = dataset.payment })
  }
}

dataset "dim_customer" {
  description = "One row for each customer, with what they rented."
  owner       = team.finance
  sql         = file("models/dim_customer.sql")
  load        = { mode = "replace" }
  columns = {
    customer_id  = { type = "long", required = true, unique = true }
    store_id     = { type = "int", required = true }
    name         = { type = "string", required = true }
    rentals      = { type = "long", required = true }
    first_rental = { type = "timestamp", timezone = "UTC" }
  }
  checks = {
    has_rented = expect_column_values_to_be_between("rentals", { min_value = 1, mostly = 0.95 })
  }
}

dataset "daily_revenue" {
  description = "Revenue of each store and day, as finance reports it."
  owner       = team.finance
  tags        = ["finance"]
  sql         = file("models/daily_revenue.sql")
  load        = { mode = "replace" }
  columns = {
    day      = { type = "date", required = true }
    store_id = { type = "int", required = true }
    payments = { type = "long", required = true }
    revenue  = { type = "decimal(12,2)", required = true, unit = "USD" }
  }
  checks = {
    one_row_a_day_and_store = expect_compound_columns_to_be_unique({ column_list = ["day", "store_id"] })
    adds_up                 = expect_sql(file("checks/revenue_adds_up.sql"))
  }
}

pipeline "revenue" {
  schedule    = "0 6 * * *"
  timezone    = "Europe/Berlin"
  build       = [dataset.daily_revenue, dataset.dim_customer]
  retries     = 2
  retry_delay = "10s"
  timeout     = "10m"
}
