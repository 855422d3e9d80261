select sum(a) as total from t group by b

/* lineage
total HUGEINT <- aggregation t.a
rows
  group_by: t.b
*/
