# The operational tables, delivered as files; reference tables come whole.
source "files" "deliveries" {
  path = "deliveries/{table}.csv"
}

dataset "customer" {
  description = "One row for each customer."
  owner       = team.payments
  from        = source.deliveries.table.customer
  load        = { mode = "replace" }
  columns = {
    customer_id = { type = "long", required = true, unique = true }
    store_id    = { type = "int", required = true, references = dataset.store.column.store_id }
    first_name  = { type = "string", required = true }
    last_name   = { type = "string", required = true }
    email       = { type = "string", doc = "Personal data" }
    address_id  = { type = "int", required = true }
    activebool  = { type = "boolean" }
    create_date = { type = "date" }
    last_update = { type = "timestamp", timezone = "UTC" }
    active      = { type = "int" }
  }
  checks = {
    looks_like_an_address = expect_column_values_to_match_regex("email", { regex = "^[^@ ]+@[^@ ]+\\.[a-z]+$", mostly = 0.99 })
  }
}

# A store has a manager and a manager a store: the two refer to one another, and publish together.
dataset "store" {
  description = "One row for each shop."
  owner       = team.payments
  from        = source.deliveries.table.store
  load        = { mode = "replace" }
  columns = {
    store_id         = { type = "int", required = true, unique = true }
    manager_staff_id = { type = "int", required = true, references = dataset.staff.column.staff_id }
    address_id       = { type = "int", required = true }
    last_update      = { type = "timestamp", timezone = "UTC" }
  }
}

dataset "staff" {
  description = "One row for each employee."
  owner       = team.payments
  from        = source.deliveries.table.staff
  load        = { mode = "replace" }
  columns = {
    staff_id    = { type = "int", required = true, unique = true }
    first_name  = { type = "string", required = true }
    last_name   = { type = "string", required = true }
    address_id  = { type = "int", required = true }
    email       = { type = "string" }
    store_id    = { type = "int", required = true, references = dataset.store.column.store_id }
    active      = { type = "boolean" }
    username    = { type = "string" }
    password    = { type = "string" }
    last_update = { type = "timestamp", timezone = "UTC" }
  }
}

dataset "inventory" {
  description = "One row for each copy of a film."
  owner       = team.payments
  from        = source.deliveries.table.inventory
  load        = { mode = "replace" }
  columns = {
    inventory_id = { type = "long", required = true, unique = true }
    film_id      = { type = "int", required = true }
    store_id     = { type = "int", required = true, references = dataset.store.column.store_id }
    last_update  = { type = "timestamp", timezone = "UTC" }
  }
}

dataset "rental" {
  description = "One row for each rental of a copy."
  owner       = team.payments
  from        = source.deliveries.table.rental
  load        = { mode = "merge", key = ["rental_id"] }
  columns = {
    rental_id    = { type = "long", required = true, unique = true }
    rental_date  = { type = "timestamp", timezone = "UTC", required = true }
    inventory_id = { type = "long", required = true, references = dataset.inventory.column.inventory_id }
    customer_id  = { type = "long", required = true, references = dataset.customer.column.customer_id }
    return_date  = { type = "timestamp", timezone = "UTC" }
    staff_id     = { type = "int", required = true, references = dataset.staff.column.staff_id }
    last_update  = { type = "timestamp", timezone = "UTC" }
  }
  checks = {
    returned_after_rental = expect_sql("select * from rental where return_date < rental_date")
  }
}
