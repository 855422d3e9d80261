-- Orders of more than so many pieces, with who ordered them.
select c.name, c.customer_id, o.order_id, o.ordered_at, o.shipping, sum(l.quantity) as pieces
from "silver/customers" as c, "silver/orders" as o, "silver/order_lines" as l
where o.order_id in (select order_id from "silver/order_lines" group by order_id having sum(quantity) > 2)
  and c.customer_id = o.customer_id and o.order_id = l.order_id
group by c.name, c.customer_id, o.order_id, o.ordered_at, o.shipping
order by o.shipping desc, o.ordered_at, o.order_id, c.name
limit 4

/* lineage
name VARCHAR <- silver/customers.name
customer_id INTEGER <- silver/customers.customer_id
order_id INTEGER <- silver/orders.order_id
ordered_at TIMESTAMP <- silver/orders.ordered_at
shipping DECIMAL(18,2) <- silver/orders.shipping
pieces HUGEINT <- aggregation silver/order_lines.quantity
rows
  filter: silver/customers.customer_id
  filter: silver/order_lines.order_id
  filter: silver/orders.customer_id
  filter: silver/orders.order_id
  group_by: silver/customers.customer_id
  group_by: silver/customers.name
  group_by: silver/order_lines.order_id
  group_by: silver/orders.order_id
  group_by: silver/orders.ordered_at
  group_by: silver/orders.shipping
  having: silver/order_lines.quantity
  sort_limit: silver/customers.name
  sort_limit: silver/orders.order_id
  sort_limit: silver/orders.ordered_at
  sort_limit: silver/orders.shipping
*/
