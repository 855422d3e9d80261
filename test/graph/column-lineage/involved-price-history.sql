-- Offers as intervals, with what changed against the one before.
select
  product_id, supplier_id, cost,
  cost - lag(cost) over w as change,
  lead(cost) over w as next_cost,
  case when stock = 0 then 'gone' when stock < avg(stock) over (partition by product_id) then 'low' else 'fine' end as state
from "silver/offers"
window w as (partition by product_id order by supplier_id, cost)

/* lineage
product_id INTEGER <- silver/offers.product_id
supplier_id INTEGER <- silver/offers.supplier_id
cost DECIMAL(18,2) <- silver/offers.cost
change DECIMAL(18,2) <- transformation silver/offers.cost
next_cost DECIMAL(18,2) <- transformation silver/offers.cost
state VARCHAR <- aggregation silver/offers.stock
rows
  window: silver/offers.cost for change, next_cost
  window: silver/offers.product_id for change, next_cost, state
  window: silver/offers.supplier_id for change, next_cost
*/
