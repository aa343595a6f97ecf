{{ config(materialized='ephemeral') }}
select customer_id, count(*) as orders, sum(amount) as spent from {{ ref('stg_orders') }} group by 1
