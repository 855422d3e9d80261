-- Wealthy customers of some countries that never ordered.
select country, count(*) as customers, sum(balance) as money
from "silver/customers" as c
where substr(country, 1, 1) in ('x', 'y')
  and balance > (select avg(balance) from "silver/customers" where balance > 0 and substr(country, 1, 1) in ('x', 'y'))
  and not exists (select 1 from "silver/orders" as o where o.customer_id = c.customer_id)
group by country

/* lineage
country VARCHAR <- silver/customers.country
customers BIGINT <-
money DECIMAL(38,2) <- aggregation silver/customers.balance
rows
  filter: silver/customers.balance
  filter: silver/customers.country
  group_by: silver/customers.country
  join: silver/customers.customer_id
  join: silver/orders.customer_id
*/
