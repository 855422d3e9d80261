-- Visits: a gap of half an hour starts a new one.
with marked as (
  select customer_id, seen_at, page, kind, case when seen_at - lag(seen_at) over (partition by customer_id order by seen_at, event_id) <= interval 30 minute then 0 else 1 end as starts
  from "silver/events"),
numbered as (
  select *, sum(starts) over (partition by customer_id order by seen_at, page rows unbounded preceding) as visit
  from marked)
select customer_id, visit, min(seen_at) as started, max(seen_at) - min(seen_at) as lasted, count(*) as steps, count(*) filter (where kind = 'x') as clicks, arg_min(page, seen_at) as entry, arg_max(page, seen_at) as leaving
from numbered
group by customer_id, visit

/* lineage
customer_id INTEGER <- silver/events.customer_id
visit HUGEINT <- aggregation silver/events.seen_at
started TIMESTAMP <- aggregation silver/events.seen_at
lasted INTERVAL <- aggregation silver/events.seen_at
steps BIGINT <-
clicks BIGINT <-
entry VARCHAR <- aggregation silver/events.page, aggregation silver/events.seen_at
leaving VARCHAR <- aggregation silver/events.page, aggregation silver/events.seen_at
rows
  filter: silver/events.kind for clicks
  group_by: silver/events.customer_id
  group_by: silver/events.seen_at
  window: silver/events.customer_id
  window: silver/events.event_id
  window: silver/events.page
  window: silver/events.seen_at
*/
