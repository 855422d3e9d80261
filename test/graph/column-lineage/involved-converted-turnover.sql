-- Turnover in one currency, at the rate of the day.
select c.region, date_trunc('month', o.ordered_at) as month, sum(l.quantity * l.price * (1 - l.discount) * coalesce(r.rate, 1)) as turnover
from "silver/orders" as o
join "silver/order_lines" as l using (order_id)
asof left join "silver/rates" as r on r.currency = o.currency and r.valid_from <= o.ordered_at
join "silver/customers" as k on k.customer_id = o.customer_id
left join "silver/countries" as c on c.country = k.country
group by all

/* lineage
region VARCHAR <- silver/countries.region
month TIMESTAMP <- transformation silver/orders.ordered_at
turnover DECIMAL(38,10) <- aggregation silver/order_lines.discount, aggregation silver/order_lines.price, aggregation silver/order_lines.quantity, aggregation silver/rates.rate
rows
  group_by: silver/countries.region
  group_by: silver/orders.ordered_at
  join: silver/countries.country
  join: silver/customers.country
  join: silver/customers.customer_id
  join: silver/order_lines.order_id
  join: silver/orders.currency
  join: silver/orders.customer_id
  join: silver/orders.order_id
  join: silver/orders.ordered_at
  join: silver/rates.currency
  join: silver/rates.valid_from
*/
