select b, sum(a) as s from t group by b union all select 'all', sum(a) from t

/* lineage
b VARCHAR <- t.b
s HUGEINT <- aggregation t.a
rows
  group_by: t.b
*/
