select b, sum(a) as total from t group by b having sum(a) > 0 qualify rank() over (order by sum(a) desc) <= 2

/* lineage
b VARCHAR <- t.b
total HUGEINT <- aggregation t.a
rows
  group_by: t.b
  having: t.a
  qualify: t.a
*/
