select b, sum(a) as total from t group by b having count(*) > 1

/* lineage
b VARCHAR <- t.b
total HUGEINT <- aggregation t.a
rows
  group_by: t.b
*/
