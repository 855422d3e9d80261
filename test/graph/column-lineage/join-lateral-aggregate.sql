select c.customer_id, o.n, o.last
from "silver/customers" c
left join lateral (select count(*) as n, max(ordered_at) as last from "silver/orders" where customer_id = c.customer_id and status = 'x') as o on true

/* lineage
customer_id INTEGER <- silver/customers.customer_id
n BIGINT <-
last TIMESTAMP <- aggregation silver/orders.ordered_at
rows
  filter: silver/orders.status
  join: silver/customers.customer_id
  join: silver/orders.customer_id
*/
