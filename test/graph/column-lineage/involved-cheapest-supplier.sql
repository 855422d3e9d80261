-- For each big product, the suppliers of one region that sell it at its lowest cost there.
select s.name, s.phone, p.product_id, p.brand, f.cost
from "silver/products" as p
join "silver/offers" as f on p.product_id = f.product_id
join "silver/suppliers" as s on s.supplier_id = f.supplier_id
join "silver/countries" as c on c.country = s.country
where p.size > 1
  and c.region = 'x'
  and f.cost = (
    select min(g.cost)
    from "silver/offers" as g
    join "silver/suppliers" as h using (supplier_id)
    join "silver/countries" as d using (country)
    where g.product_id = p.product_id and d.region = 'x')
order by s.rating desc, s.name
limit 5

/* lineage
name VARCHAR <- silver/suppliers.name
phone VARCHAR <- silver/suppliers.phone
product_id INTEGER <- silver/products.product_id
brand VARCHAR <- silver/products.brand
cost DECIMAL(18,2) <- silver/offers.cost
rows
  filter: silver/countries.region
  filter: silver/offers.cost
  filter: silver/products.size
  join: silver/countries.country
  join: silver/offers.product_id
  join: silver/offers.supplier_id
  join: silver/products.product_id
  join: silver/suppliers.country
  join: silver/suppliers.supplier_id
  sort_limit: silver/suppliers.name
  sort_limit: silver/suppliers.rating
*/
