select b, sum(a) as total from t group by b having sum(a) > (select avg(n) from v)

/* lineage
b VARCHAR <- t.b
total HUGEINT <- aggregation t.a
rows
  group_by: t.b
  having: t.a
  having: v.n
*/
