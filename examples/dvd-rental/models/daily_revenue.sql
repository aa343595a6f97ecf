select
  day,
  store_id,
  count(*) as payments,
  sum(amount) as revenue
from fact_payment
group by day, store_id
