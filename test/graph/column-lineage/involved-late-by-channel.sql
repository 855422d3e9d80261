-- How many orders of a quarter had a line that came later than it was shipped plus a week.
select channel, count(*) as orders
from "silver/orders" as o
where ordered_at >= timestamp '2024-06-01' and ordered_at < timestamp '2024-06-01' + interval 9 month
  and exists (select 1 from "silver/order_lines" as l where l.order_id = o.order_id and l.received_on > l.shipped_on + 7)
group by channel

/* lineage
channel VARCHAR <- silver/orders.channel
orders BIGINT <-
rows
  filter: silver/order_lines.received_on
  filter: silver/order_lines.shipped_on
  filter: silver/orders.ordered_at
  group_by: silver/orders.channel
  join: silver/order_lines.order_id
  join: silver/orders.order_id
*/
