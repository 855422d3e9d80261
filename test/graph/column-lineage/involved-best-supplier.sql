-- The suppliers whose products brought most.
with revenue as (
  select f.supplier_id, sum(l.price * (1 - l.discount)) as total
  from "silver/order_lines" as l join "silver/offers" as f using (product_id)
  where l.shipped_on >= date '2024-01-01'
  group by f.supplier_id)
select s.supplier_id, s.name, r.total
from "silver/suppliers" as s join revenue as r using (supplier_id)
where r.total = (select max(total) from revenue)

/* lineage
supplier_id INTEGER <- silver/suppliers.supplier_id
name VARCHAR <- silver/suppliers.name
total DECIMAL(38,4) <- aggregation silver/order_lines.discount, aggregation silver/order_lines.price
rows
  filter: silver/order_lines.discount
  filter: silver/order_lines.price
  filter: silver/order_lines.shipped_on
  group_by: silver/offers.supplier_id
  join: silver/offers.product_id
  join: silver/offers.supplier_id
  join: silver/order_lines.product_id
  join: silver/suppliers.supplier_id
*/
