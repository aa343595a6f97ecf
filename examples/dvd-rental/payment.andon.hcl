# Payments arrive as one file a month; a month may be delivered again, corrected.
source "files" "monthly" {
  path = "deliveries/{table}-{period}.csv"
}

dataset "payment" {
  description  = "One row for each payment made for a rental."
  owner        = team.payments
  tags         = ["tier:1", "finance"]
  from         = source.monthly.table.payment
  load         = { mode = "merge", key = ["payment_id"] }
  partition_by = ["month(payment_date)"]
  batches      = { monthly = "month(payment_date)", staff = "value(staff_id)" }
  freshness    = "35d"
  columns = {
    payment_id   = { type = "long", required = true, unique = true }
    customer_id  = { type = "long", required = true, references = dataset.customer.column.customer_id }
    staff_id     = { type = "int", required = true, references = dataset.staff.column.staff_id }
    rental_id    = { type = "long", required = true, references = dataset.rental.column.rental_id }
    amount       = { type = "decimal(5,2)", required = true, unit = "USD", doc = "Paid, taxes included" }
    payment_date = { type = "timestamp", timezone = "UTC", required = true }
  }
  checks = {
    amount_in_range    = expect_column_values_to_be_between("amount", { min_value = 0, max_value = 11.99 })
    not_before_rental  = expect_sql("select p.* from payment p join rental r using (rental_id) where p.payment_date < r.rental_date")
    enough_on_delivery = expect_table_row_count_to_be_between({ min_value = 100, max_value = 20000, on = "delivery" })
    staff_is_known     = expect_column_values_to_be_in_set("staff_id", { value_set = [1, 2] })
    usual_amount       = expect_column_mean_to_be_between("amount", { min_value = 3, max_value = 6, severity = "warning" })
  }
}

contract "payment" {
  dataset   = dataset.payment
  version   = "1.0.0"
  status    = "active"
  purpose   = "Revenue reporting and refunds"
  promised  = ["payment_id", "customer_id", "amount", "payment_date"]
  consumers = [dataset.daily_revenue, team.finance]
  sla       = { freshness = "40d", time_to_resolve = "4h" }
}
