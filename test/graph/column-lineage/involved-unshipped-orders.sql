-- The open orders of a segment that are worth most.
select l.order_id, sum(l.price * (1 - l.discount)) as worth, o.ordered_at
from "silver/customers" as c, "silver/orders" as o, "silver/order_lines" as l
where c.segment = 'x' and c.customer_id = o.customer_id and l.order_id = o.order_id and (l.shipped_on is null or l.shipped_on > o.ordered_at::date)
group by l.order_id, o.ordered_at
order by worth desc, o.ordered_at, l.order_id
limit 4

/* lineage
order_id INTEGER <- silver/order_lines.order_id
worth DECIMAL(38,4) <- aggregation silver/order_lines.discount, aggregation silver/order_lines.price
ordered_at TIMESTAMP <- silver/orders.ordered_at
rows
  filter: silver/customers.customer_id
  filter: silver/customers.segment
  filter: silver/order_lines.order_id
  filter: silver/order_lines.shipped_on
  filter: silver/orders.customer_id
  filter: silver/orders.order_id
  filter: silver/orders.ordered_at
  group_by: silver/order_lines.order_id
  group_by: silver/orders.ordered_at
  sort_limit: silver/order_lines.discount
  sort_limit: silver/order_lines.order_id
  sort_limit: silver/order_lines.price
  sort_limit: silver/orders.ordered_at
*/
