select b, ok, count(*) as n from t group by cube (b, ok)

/* lineage
b VARCHAR <- t.b
ok BOOLEAN <- t.ok
n BIGINT <-
rows
  group_by: t.b
  group_by: t.ok
*/
