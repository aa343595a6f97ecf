select
  day,
  store_id,
  count(*) as payments,
  sum(amount) as revenue
from fact_payment
join (values (1, 'Lethbridge'), (2, 'Woodridge'), (2, 'Woodridge QLD')) as place (store_id, city) using (store_id)
group by day, store_id
