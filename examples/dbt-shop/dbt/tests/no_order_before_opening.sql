select * from {{ ref('orders') }} where ordered_at < '2020-01-01'
