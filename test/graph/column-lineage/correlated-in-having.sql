select b, sum(a) as s from t group by b having sum(a) > (select avg(n) from v where v.k = t.b)

/* lineage
b VARCHAR <- t.b
s HUGEINT <- aggregation t.a
rows
  group_by: t.b
  having: t.a
  having: v.n
  join: t.b
  join: v.k
*/
