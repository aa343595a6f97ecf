select c.customer_id, c.email, t.orders, t.spent from {{ ref('stg_customers') }} c left join {{ ref('order_totals') }} t using (customer_id)
