-- A line for each day, whether something was ordered or not.
select day::date as day, count(o.order_id) as orders, coalesce(sum(o.shipping), 0) as shipping
from generate_series(date '2024-12-30', date '2025-01-05', interval 1 day) as days(day)
left join "silver/orders" as o on o.ordered_at::date = days.day::date
group by 1
order by 1

/* lineage
day DATE <-
orders BIGINT <- aggregation silver/orders.order_id
shipping DECIMAL(38,2) <- aggregation silver/orders.shipping
rows
  join: silver/orders.ordered_at
*/
