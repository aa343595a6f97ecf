# A dbt project that stays what it is: dbt builds its tables, Andon checks them where they are.
andon {
  project = "shop"
}

person "ana" {
  email = "ana@example.com"
}

dbt "shop" {
  project = "./dbt"
}

# A model may have a block of its own: what it says is added to what dbt says.
dataset "orders" {
  external = dbt.shop.table.orders
  checks = {
    amount_in_range = expect_column_values_to_be_between("amount", { min_value = 0, max_value = 1000 })
  }
}

contract "orders" {
  dataset   = dataset.orders
  version   = "1.0.0"
  promised  = ["order_id", "customer_id", "amount"]
  consumers = ["finance"]
}
