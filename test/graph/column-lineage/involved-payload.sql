-- Numbers out of events, by kind, side by side.
select * from (
  pivot (
    select customer_id, kind, (payload->>'p')::integer as p
    from "silver/events"
    where payload is not null)
  on kind in ('x', 'y', 'z') using sum(p) as total, count(p) as times
  group by customer_id)

/* lineage
customer_id INTEGER <- silver/events.customer_id
x_total HUGEINT <- aggregation silver/events.payload
x_times BIGINT <- aggregation silver/events.payload
y_total HUGEINT <- aggregation silver/events.payload
y_times BIGINT <- aggregation silver/events.payload
z_total HUGEINT <- aggregation silver/events.payload
z_times BIGINT <- aggregation silver/events.payload
rows
  filter: silver/events.kind for x_total, x_times, y_total, y_times, z_total, z_times
  filter: silver/events.payload
  group_by: silver/events.customer_id
*/
