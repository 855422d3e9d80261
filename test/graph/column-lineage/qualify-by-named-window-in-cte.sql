with ranked as (select *, row_number() over (partition by customer_id order by ordered_at desc) as r from "silver/orders" qualify r <= 2) select customer_id, max(order_id) filter (where r = 1) as newest
from ranked
group by customer_id

/* lineage
customer_id INTEGER <- silver/orders.customer_id
newest INTEGER <- aggregation silver/orders.order_id
rows
  group_by: silver/orders.customer_id
  qualify: silver/orders.customer_id
  qualify: silver/orders.ordered_at
  window: silver/orders.customer_id for newest
  window: silver/orders.ordered_at for newest
*/
