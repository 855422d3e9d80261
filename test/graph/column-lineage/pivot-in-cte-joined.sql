with wide as (select *
from (select customer_id, status, shipping from "silver/orders") pivot (sum(shipping) as total for status in ('x' as open, 'y' as done))) select c.name, w.open_total, w.done_total - w.open_total as diff
from wide w
join "silver/customers" c using (customer_id)

/* lineage
name VARCHAR <- silver/customers.name
open_total DECIMAL(38,2) <- aggregation silver/orders.shipping
diff DECIMAL(38,2) <- aggregation silver/orders.shipping
rows
  filter: silver/orders.status for open_total, diff
  group_by: silver/orders.customer_id
  join: silver/customers.customer_id
  join: silver/orders.customer_id
*/
