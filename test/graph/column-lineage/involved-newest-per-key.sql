-- The newest order of each customer, from two channels that overlap.
with both_channels as (
  select order_id, customer_id, ordered_at, status, 1 as priority from "silver/orders" where channel = 'x'
  union all by name
  select customer_id, order_id, status, ordered_at, 2 as priority from "silver/orders" where channel <> 'x'),
ranked as (select *, row_number() over (partition by customer_id order by ordered_at desc, priority, order_id) as n from both_channels)
select * exclude (n, priority) from ranked where n = 1

/* lineage
order_id INTEGER <- silver/orders.order_id
customer_id INTEGER <- silver/orders.customer_id
ordered_at TIMESTAMP <- silver/orders.ordered_at
status VARCHAR <- silver/orders.status
rows
  filter: silver/orders.channel
  window: silver/orders.customer_id
  window: silver/orders.order_id
  window: silver/orders.ordered_at
*/
