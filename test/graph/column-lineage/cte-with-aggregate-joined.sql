with totals as (select b, sum(a) as total from t group by b) select t.id, totals.total from t join totals using (b)

/* lineage
id INTEGER <- t.id
total HUGEINT <- aggregation t.a
rows
  group_by: t.b
  join: t.b
*/
