# Tests of the models: a few rows go in, these rows must come out. "andon test" runs them in memory.
run "a_payment_counts_once_for_its_store" {
  target = dataset.daily_revenue
  given = {
    fact_payment = [
      { payment_id = 1, store_id = 1, day = "2005-08-01", amount = 4.99 },
      { payment_id = 2, store_id = 2, day = "2005-08-01", amount = 2.99 },
      { payment_id = 3, store_id = 2, day = "2005-08-01", amount = 0.99 },
      { payment_id = 4, store_id = 2, day = "2005-08-02", amount = 5.99 }
    ]
  }
  expect = [
    { day = "2005-08-01", store_id = 1, payments = 1, revenue = 4.99 },
    { day = "2005-08-01", store_id = 2, payments = 2, revenue = 3.98 },
    { day = "2005-08-02", store_id = 2, payments = 1, revenue = 5.99 }
  ]
}

run "a_payment_belongs_to_the_store_of_the_copy" {
  target = dataset.fact_payment
  given = {
    payment   = <<-CSV
      payment_id,customer_id,rental_id,amount,payment_date
      1,7,100,4.99,2005-08-01 23:59:59
      2,7,101,0.99,2005-08-02 00:00:00
    CSV
    rental    = <<-CSV
      rental_id,inventory_id
      100,11
      101,12
    CSV
    inventory = <<-CSV
      inventory_id,film_id,store_id
      11,500,1
      12,501,2
    CSV
  }
  expect = [
    { payment_id = 1, store_id = 1, film_id = 500, day = "2005-08-01", amount = 4.99 },
    { payment_id = 2, store_id = 2, film_id = 501, day = "2005-08-02", amount = 0.99 }
  ]
}

# fact_payment is not given, so it is built by its own SQL.
run "revenue_follows_from_the_deliveries" {
  target = dataset.daily_revenue
  given = {
    payment   = [{ payment_id = 1, rental_id = 100, amount = 4.99, payment_date = "2005-08-01T10:00:00" }]
    rental    = [{ rental_id = 100, inventory_id = 11 }]
    inventory = [{ inventory_id = 11, store_id = 2 }]
  }
  expect = [{ day = "2005-08-01", store_id = 2, revenue = 4.99 }]
}
