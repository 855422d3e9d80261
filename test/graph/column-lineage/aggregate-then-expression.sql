select b, sum(a) / count(*) as mean from t group by b

/* lineage
b VARCHAR <- t.b
mean DOUBLE <- aggregation t.a
rows
  group_by: t.b
*/
