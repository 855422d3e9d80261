-- A country's share of what a region sells of a category, year by year.
select year, sum(case when country = 'x' then volume else 0 end) / nullif(sum(volume), 0) as share
from (
  select year(o.ordered_at) as year, l.price * (1 - l.discount) as volume, s.country
  from "silver/order_lines" as l
  join "silver/products" as p using (product_id)
  join "silver/offers" as f using (product_id)
  join "silver/suppliers" as s using (supplier_id)
  join "silver/orders" as o using (order_id)
  join "silver/customers" as c using (customer_id)
  join "silver/countries" as n on n.country = c.country
  where n.region = 'y' and p.category = 'x')
group by year

/* lineage
year BIGINT <- transformation silver/orders.ordered_at
share DOUBLE <- aggregation silver/order_lines.discount, aggregation silver/order_lines.price, aggregation silver/suppliers.country
rows
  filter: silver/countries.region
  filter: silver/products.category
  group_by: silver/orders.ordered_at
  join: silver/countries.country
  join: silver/customers.country
  join: silver/customers.customer_id
  join: silver/offers.product_id
  join: silver/offers.supplier_id
  join: silver/order_lines.order_id
  join: silver/order_lines.product_id
  join: silver/orders.customer_id
  join: silver/orders.order_id
  join: silver/products.product_id
  join: silver/suppliers.supplier_id
*/
