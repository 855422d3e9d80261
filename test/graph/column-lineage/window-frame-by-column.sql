select id, sum(a) over (order by id rows between a preceding and current row) as s from t where a >= 0

/* lineage
id INTEGER <- t.id
s HUGEINT <- aggregation t.a
rows
  filter: t.a
  window: t.a for s
  window: t.id for s
*/
