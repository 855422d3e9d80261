select b, sum(a) as total, rank() over (order by sum(a) desc) as place from t group by b

/* lineage
b VARCHAR <- t.b
total HUGEINT <- aggregation t.a
place BIGINT <-
rows
  group_by: t.b
  window: t.a for place
*/
