-- Products that are bought together.
select a.product_id as one, b.product_id as other, count(*) as times, any_value(p.title) as title
from "silver/order_lines" as a
join "silver/order_lines" as b on a.order_id = b.order_id and a.product_id < b.product_id
join "silver/products" as p on p.product_id = a.product_id
group by a.product_id, b.product_id
having count(*) >= 1
qualify dense_rank() over (order by count(*) desc) <= 3

/* lineage
one INTEGER <- silver/order_lines.product_id
other INTEGER <- silver/order_lines.product_id
times BIGINT <-
title VARCHAR <- aggregation silver/products.title
rows
  group_by: silver/order_lines.product_id
  join: silver/order_lines.order_id
  join: silver/order_lines.product_id
  join: silver/products.product_id
*/
