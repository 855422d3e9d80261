-- Choice of suppliers by brand and size, without those that someone complained about.
select p.brand, p.category, p.size, count(distinct f.supplier_id) as suppliers
from "silver/offers" as f, "silver/products" as p
where p.product_id = f.product_id
  and p.brand <> 'x'
  and p.size in (1, 2, 3)
  and f.supplier_id not in (select supplier_id from "silver/suppliers" where rating < 2 and supplier_id is not null)
group by p.brand, p.category, p.size

/* lineage
brand VARCHAR <- silver/products.brand
category VARCHAR <- silver/products.category
size INTEGER <- silver/products.size
suppliers BIGINT <- aggregation silver/offers.supplier_id
rows
  filter: silver/offers.product_id
  filter: silver/offers.supplier_id
  filter: silver/products.brand
  filter: silver/products.product_id
  filter: silver/products.size
  filter: silver/suppliers.rating
  filter: silver/suppliers.supplier_id
  group_by: silver/products.brand
  group_by: silver/products.category
  group_by: silver/products.size
*/
