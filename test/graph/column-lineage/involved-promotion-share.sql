-- How much of a month's turnover came from one kind of product.
select 100 * sum(case when p.category like 'x%' then l.price * (1 - l.discount) else 0 end) / nullif(sum(l.price * (1 - l.discount)), 0) as percent
from "silver/order_lines" as l, "silver/products" as p
where l.product_id = p.product_id and l.shipped_on >= date '2024-01-01' and l.shipped_on < date '2025-01-01'

/* lineage
percent DOUBLE <- aggregation silver/order_lines.discount, aggregation silver/order_lines.price, aggregation silver/products.category
rows
  filter: silver/order_lines.product_id
  filter: silver/order_lines.shipped_on
  filter: silver/products.product_id
*/
