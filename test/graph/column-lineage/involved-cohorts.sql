-- How many of those who came in a month bought again so many months later.
with first_order as (select customer_id, date_trunc('month', min(ordered_at)) as cohort from "silver/orders" group by customer_id),
later as (select f.cohort, f.customer_id, date_diff('month', f.cohort, o.ordered_at) as months from first_order as f join "silver/orders" as o using (customer_id))
select cohort, months, count(distinct customer_id) as customers, count(distinct customer_id) / first_value(count(distinct customer_id)) over (partition by cohort order by months) as kept
from later
group by cohort, months

/* lineage
cohort TIMESTAMP <- aggregation silver/orders.ordered_at
months BIGINT <- aggregation silver/orders.ordered_at
customers BIGINT <- aggregation silver/orders.customer_id
kept DOUBLE <- aggregation silver/orders.customer_id
rows
  group_by: silver/orders.customer_id
  group_by: silver/orders.ordered_at
  join: silver/orders.customer_id
  window: silver/orders.ordered_at for kept
*/
