select b, ok, sum(c) as c from t group by all

/* lineage
b VARCHAR <- t.b
ok BOOLEAN <- t.ok
c DECIMAL(38,2) <- aggregation t.c
rows
  group_by: t.b
  group_by: t.ok
*/
