select b, ok, sum(a) as s from t group by rollup (b, ok)

/* lineage
b VARCHAR <- t.b
ok BOOLEAN <- t.ok
s HUGEINT <- aggregation t.a
rows
  group_by: t.b
  group_by: t.ok
*/
