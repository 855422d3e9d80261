select b, ok, sum(a) as s, grouping(b, ok) as g from t group by grouping sets ((b, ok), (b), ())

/* lineage
b VARCHAR <- t.b
ok BOOLEAN <- t.ok
s HUGEINT <- aggregation t.a
g BIGINT <-
rows
  group_by: t.b
  group_by: t.ok
*/
