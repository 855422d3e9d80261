-- Customers by what they sent back, with how to reach them.
select c.customer_id, c.name, mask_email(c.email) as email, sum(l.price * (1 - l.discount)) as lost, c.balance, n.region
from "silver/customers" as c
left join "silver/orders" as o on o.customer_id = c.customer_id
left join "silver/order_lines" as l on l.order_id = o.order_id and l.returned
left join "silver/countries" as n on n.country = c.country
group by c.customer_id, c.name, c.email, c.balance, n.region
order by lost desc nulls last, c.customer_id
limit 5

/* lineage
customer_id INTEGER <- silver/customers.customer_id
name VARCHAR <- silver/customers.name
email VARCHAR <- transformation masked silver/customers.email
lost DECIMAL(38,4) <- aggregation silver/order_lines.discount, aggregation silver/order_lines.price
balance DECIMAL(18,2) <- silver/customers.balance
region VARCHAR <- silver/countries.region
rows
  filter: silver/order_lines.returned
  group_by: silver/countries.region
  group_by: silver/customers.balance
  group_by: silver/customers.customer_id
  group_by: silver/customers.email
  group_by: silver/customers.name
  join: silver/countries.country
  join: silver/customers.country
  join: silver/customers.customer_id
  join: silver/order_lines.order_id
  join: silver/orders.customer_id
  join: silver/orders.order_id
  sort_limit: silver/customers.customer_id
  sort_limit: silver/order_lines.discount
  sort_limit: silver/order_lines.price
*/
