-- Suppliers that alone kept an order of several suppliers waiting.
select s.name, count(*) as waits
from "silver/suppliers" as s
join "silver/offers" as f on f.supplier_id = s.supplier_id
join "silver/order_lines" as l on l.product_id = f.product_id
join "silver/orders" as o on o.order_id = l.order_id
where o.status = 'x' and l.received_on > l.shipped_on
  and exists (select 1 from "silver/order_lines" as m where m.order_id = l.order_id and m.product_id <> l.product_id)
  and not exists (select 1 from "silver/order_lines" as m where m.order_id = l.order_id and m.product_id <> l.product_id and m.received_on > m.shipped_on)
group by s.name
order by waits desc, s.name
limit 10

/* lineage
name VARCHAR <- silver/suppliers.name
waits BIGINT <-
rows
  filter: silver/order_lines.received_on
  filter: silver/order_lines.shipped_on
  filter: silver/orders.status
  group_by: silver/suppliers.name
  join: silver/offers.product_id
  join: silver/offers.supplier_id
  join: silver/order_lines.order_id
  join: silver/order_lines.product_id
  join: silver/orders.order_id
  join: silver/suppliers.supplier_id
  sort_limit: silver/suppliers.name
*/
