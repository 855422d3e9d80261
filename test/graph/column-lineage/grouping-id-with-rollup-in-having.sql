select b, grouping_id(b, ok) as g, count(a) as n from t group by rollup (b, ok) having grouping(ok) = 1

/* lineage
b VARCHAR <- t.b
g BIGINT <-
n BIGINT <- aggregation t.a
rows
  group_by: t.b
  group_by: t.ok
*/
