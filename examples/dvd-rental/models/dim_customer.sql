select
  c.customer_id,
  c.store_id,
  c.first_name || ' ' || c.last_name as name,
  count(r.rental_id) as rentals,
  min(r.rental_date) as first_rental
from customer as c
left join rental as r using (customer_id)
group by c.customer_id, c.store_id, c.first_name, c.last_name
