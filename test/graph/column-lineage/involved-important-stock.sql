-- Products that hold more than a part of the value of one country's stock.
select f.product_id, sum(f.cost * f.stock) as worth
from "silver/offers" as f
join "silver/suppliers" as s using (supplier_id)
where s.country = 'x'
group by f.product_id
having sum(f.cost * f.stock) > (
  select sum(g.cost * g.stock) * 0.1
  from "silver/offers" as g
  join "silver/suppliers" as h using (supplier_id)
  where h.country = 'x')

/* lineage
product_id INTEGER <- silver/offers.product_id
worth DECIMAL(38,2) <- aggregation silver/offers.cost, aggregation silver/offers.stock
rows
  filter: silver/suppliers.country
  group_by: silver/offers.product_id
  having: silver/offers.cost
  having: silver/offers.stock
  join: silver/offers.supplier_id
  join: silver/suppliers.supplier_id
*/
