-- How many customers have how many orders, the silent ones too.
select orders, count(*) as customers
from (
  select c.customer_id, count(o.order_id) as orders
  from "silver/customers" as c
  left outer join "silver/orders" as o on c.customer_id = o.customer_id and o.comment not like '%x%'
  group by c.customer_id) as per_customer
group by orders
order by customers desc, orders desc

/* lineage
orders BIGINT <- aggregation silver/orders.order_id
customers BIGINT <-
rows
  filter: silver/orders.comment
  group_by: silver/customers.customer_id
  group_by: silver/orders.order_id
  join: silver/customers.customer_id
  join: silver/orders.customer_id
*/
