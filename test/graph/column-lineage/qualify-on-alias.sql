select id, sum(a) over (partition by b) as total from t qualify total > 3

/* lineage
id INTEGER <- t.id
total HUGEINT <- aggregation t.a
rows
  qualify: t.a
  qualify: t.b
  window: t.b for total
*/
