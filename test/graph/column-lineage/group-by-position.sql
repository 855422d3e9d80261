select b, ok, min(c) as least from t group by 1, 2

/* lineage
b VARCHAR <- t.b
ok BOOLEAN <- t.ok
least DECIMAL(18,2) <- aggregation t.c
rows
  group_by: t.b
  group_by: t.ok
*/
