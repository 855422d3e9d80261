-- What is left after the suppliers' cost, by the suppliers' country.
select s.country, year(o.ordered_at) as year, sum(l.price * (1 - l.discount) - f.cost * l.quantity) as margin
from "silver/order_lines" as l
join "silver/offers" as f on f.product_id = l.product_id
join "silver/suppliers" as s on s.supplier_id = f.supplier_id
join "silver/orders" as o on o.order_id = l.order_id
join "silver/products" as p on p.product_id = l.product_id
where p.title like '%x%'
group by s.country, year(o.ordered_at)
having count(distinct o.customer_id) > 0

/* lineage
country VARCHAR <- silver/suppliers.country
year BIGINT <- transformation silver/orders.ordered_at
margin DECIMAL(38,4) <- aggregation silver/offers.cost, aggregation silver/order_lines.discount, aggregation silver/order_lines.price, aggregation silver/order_lines.quantity
rows
  filter: silver/products.title
  group_by: silver/orders.ordered_at
  group_by: silver/suppliers.country
  having: silver/orders.customer_id
  join: silver/offers.product_id
  join: silver/offers.supplier_id
  join: silver/order_lines.order_id
  join: silver/order_lines.product_id
  join: silver/orders.order_id
  join: silver/products.product_id
  join: silver/suppliers.supplier_id
*/
