-- What would be lost without the orders that are small for their product.
select sum(l.price) / 12.0 as monthly
from "silver/order_lines" as l join "silver/products" as p on p.product_id = l.product_id
where p.brand = 'x' and l.quantity < (select 0.8 * avg(m.quantity) from "silver/order_lines" as m where m.product_id = p.product_id)

/* lineage
monthly DOUBLE <- aggregation silver/order_lines.price
rows
  filter: silver/order_lines.quantity
  filter: silver/products.brand
  join: silver/order_lines.product_id
  join: silver/products.product_id
*/
