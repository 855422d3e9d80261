select max(total) as top from (select b, sum(a) as total from t group by b)

/* lineage
top HUGEINT <- aggregation t.a
rows
  group_by: t.b
*/
