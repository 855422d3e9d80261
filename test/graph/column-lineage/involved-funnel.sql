-- How far visitors came, each step after the one before.
with viewed as (select customer_id, min(seen_at) as moment from "silver/events" where kind = 'x' group by customer_id),
clicked as (select e.customer_id, min(e.seen_at) as moment from "silver/events" as e join viewed as w on w.customer_id = e.customer_id and e.seen_at > w.moment where e.kind = 'y' group by e.customer_id),
bought as (select o.customer_id, min(o.ordered_at) as moment from "silver/orders" as o join clicked as k on k.customer_id = o.customer_id and o.ordered_at > k.moment group by o.customer_id)
select count(w.customer_id) as viewers, count(k.customer_id) as clickers, count(b.customer_id) as buyers, avg(b.moment - w.moment) as took
from viewed as w left join clicked as k using (customer_id) left join bought as b using (customer_id)

/* lineage
viewers BIGINT <- aggregation silver/events.customer_id
clickers BIGINT <- aggregation silver/events.customer_id
buyers BIGINT <- aggregation silver/orders.customer_id
took INTERVAL <- aggregation silver/events.seen_at, aggregation silver/orders.ordered_at
rows
  filter: silver/events.kind
  group_by: silver/events.customer_id
  group_by: silver/orders.customer_id
  join: silver/events.customer_id
  join: silver/events.seen_at
  join: silver/orders.customer_id
  join: silver/orders.ordered_at
*/
