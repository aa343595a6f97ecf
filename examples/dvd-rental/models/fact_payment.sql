select
  p.payment_id,
  p.customer_id,
  i.store_id,
  i.film_id,
  cast(p.payment_date as date) as day,
  p.amount,
  p.payment_date
from payment as p
join rental as r using (rental_id)
join inventory as i using (inventory_id)
