select b, sum(a) as total from t group by b

/* lineage
b VARCHAR <- t.b
total HUGEINT <- aggregation t.a
rows
  group_by: t.b
*/
