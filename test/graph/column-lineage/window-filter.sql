select id, sum(a) filter (where ok) over (partition by b) as good from t

/* lineage
id INTEGER <- t.id
good HUGEINT <- aggregation t.a
rows
  filter: t.ok for good
  window: t.b for good
*/
