-- The days on which the reported revenue is not what was paid.
select reported.day, reported.revenue as reported, paid.revenue as paid
from (select day, sum(revenue) as revenue from daily_revenue group by day) as reported
join (select day, sum(amount) as revenue from fact_payment group by day) as paid using (day)
where reported.revenue <> paid.revenue
