-- Turnover by the countries of seller and buyer and by year.
with trade as (
  select a.country as seller, b.country as buyer, year(l.shipped_on) as year, l.price * (1 - l.discount) * l.quantity as volume
  from "silver/order_lines" as l
  join "silver/offers" as f on f.product_id = l.product_id
  join "silver/suppliers" as s on s.supplier_id = f.supplier_id
  join "silver/orders" as o on o.order_id = l.order_id
  join "silver/customers" as c on c.customer_id = o.customer_id
  join "silver/countries" as a on a.country = s.country
  join "silver/countries" as b on b.country = c.country
  where a.country <> b.country)
select seller, buyer, year, sum(volume) as revenue
from trade
group by seller, buyer, year

/* lineage
seller VARCHAR <- silver/countries.country
buyer VARCHAR <- silver/countries.country
year BIGINT <- transformation silver/order_lines.shipped_on
revenue DECIMAL(38,4) <- aggregation silver/order_lines.discount, aggregation silver/order_lines.price, aggregation silver/order_lines.quantity
rows
  filter: silver/countries.country
  group_by: silver/countries.country
  group_by: silver/order_lines.shipped_on
  join: silver/countries.country
  join: silver/customers.country
  join: silver/customers.customer_id
  join: silver/offers.product_id
  join: silver/offers.supplier_id
  join: silver/order_lines.order_id
  join: silver/order_lines.product_id
  join: silver/orders.customer_id
  join: silver/orders.order_id
  join: silver/suppliers.country
  join: silver/suppliers.supplier_id
*/
