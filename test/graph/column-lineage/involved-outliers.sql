-- Lines whose price is far from what the product usually costs.
select l.order_id, l.line, l.price, s.mean, (l.price - s.mean) / nullif(s.spread, 0) as z
from "silver/order_lines" as l
join (select product_id, avg(price) as mean, stddev_pop(price) as spread from "silver/order_lines" where not coalesce(returned, false) group by product_id) as s using (product_id)
where abs(l.price - s.mean) > s.spread or l.discount > (select max(discount) / 2 from "silver/order_lines")

/* lineage
order_id INTEGER <- silver/order_lines.order_id
line INTEGER <- silver/order_lines.line
price DECIMAL(18,2) <- silver/order_lines.price
mean DOUBLE <- aggregation silver/order_lines.price
z DOUBLE <- aggregation silver/order_lines.price
rows
  filter: silver/order_lines.discount
  filter: silver/order_lines.price
  filter: silver/order_lines.returned
  group_by: silver/order_lines.product_id
  join: silver/order_lines.product_id
*/
