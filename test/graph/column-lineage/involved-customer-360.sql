-- One row per customer with all that is known.
with spent as (
  select o.customer_id, count(distinct o.order_id) as orders, sum(l.quantity * l.price * (1 - l.discount)) as lifetime_value, max(o.ordered_at) as last_order
  from "silver/orders" as o join "silver/order_lines" as l using (order_id)
  where o.status <> 'y'
  group by o.customer_id),
favourite as (
  select o.customer_id, p.category, row_number() over (partition by o.customer_id order by count(*) desc, p.category) as place
  from "silver/orders" as o join "silver/order_lines" as l using (order_id) join "silver/products" as p using (product_id)
  group by o.customer_id, p.category),
seen as (select customer_id, max(seen_at) as last_seen, count(distinct session) as visits from "silver/events" group by customer_id)
select
  c.customer_id, c.name, sha256(lower(c.email)) as email_hash, c.segment, n.region,
  coalesce(s.orders, 0) as orders, coalesce(s.lifetime_value, 0) as lifetime_value,
  f.category as favourite_category, greatest(s.last_order, v.last_seen) as last_active, v.visits,
  r.name as referred_by,
  ntile(4) over (order by s.lifetime_value desc nulls last, c.customer_id) as quartile
from "silver/customers" as c
left join spent as s using (customer_id)
left join favourite as f on f.customer_id = c.customer_id and f.place = 1
left join seen as v on v.customer_id = c.customer_id
left join "silver/countries" as n on n.country = c.country
left join "silver/customers" as r on r.customer_id = c.referrer_id

/* lineage
customer_id INTEGER <- silver/customers.customer_id
name VARCHAR <- silver/customers.name
email_hash VARCHAR <- transformation masked silver/customers.email
segment VARCHAR <- silver/customers.segment
region VARCHAR <- silver/countries.region
orders BIGINT <- aggregation silver/orders.order_id
lifetime_value DECIMAL(38,4) <- aggregation silver/order_lines.discount, aggregation silver/order_lines.price, aggregation silver/order_lines.quantity
favourite_category VARCHAR <- silver/products.category
last_active TIMESTAMP <- aggregation silver/events.seen_at, aggregation silver/orders.ordered_at
visits BIGINT <- aggregation silver/events.session
referred_by VARCHAR <- silver/customers.name
quartile BIGINT <-
rows
  filter: silver/orders.status
  group_by: silver/events.customer_id
  group_by: silver/orders.customer_id
  group_by: silver/products.category
  join: silver/countries.country
  join: silver/customers.country
  join: silver/customers.customer_id
  join: silver/customers.referrer_id
  join: silver/events.customer_id
  join: silver/order_lines.order_id
  join: silver/order_lines.product_id
  join: silver/orders.customer_id
  join: silver/orders.order_id
  join: silver/products.product_id
  window: silver/customers.customer_id for quartile
  window: silver/order_lines.discount for quartile
  window: silver/order_lines.price for quartile
  window: silver/order_lines.quantity for quartile
  window: silver/orders.customer_id
  window: silver/products.category
*/
