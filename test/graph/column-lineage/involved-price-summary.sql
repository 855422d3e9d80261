-- What was shipped until a day, by whether it came back and how it was sold.
select
  o.channel,
  l.returned,
  sum(l.quantity) as pieces,
  sum(l.quantity * l.price) as gross,
  sum(l.quantity * l.price * (1 - l.discount)) as net,
  avg(l.discount) as mean_discount,
  count(*) as lines
from "silver/order_lines" as l
join "silver/orders" as o using (order_id)
where l.shipped_on <= date '2025-03-01'
group by all
order by 1, 2

/* lineage
channel VARCHAR <- silver/orders.channel
returned BOOLEAN <- silver/order_lines.returned
pieces HUGEINT <- aggregation silver/order_lines.quantity
gross DECIMAL(38,2) <- aggregation silver/order_lines.price, aggregation silver/order_lines.quantity
net DECIMAL(38,4) <- aggregation silver/order_lines.discount, aggregation silver/order_lines.price, aggregation silver/order_lines.quantity
mean_discount DOUBLE <- aggregation silver/order_lines.discount
lines BIGINT <-
rows
  filter: silver/order_lines.shipped_on
  group_by: silver/order_lines.returned
  group_by: silver/orders.channel
  join: silver/order_lines.order_id
  join: silver/orders.order_id
*/
