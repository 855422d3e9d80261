select b, first(a order by id) as a, any_value(b) as same from t group by b

/* lineage
b VARCHAR <- t.b
a INTEGER <- aggregation t.a
same VARCHAR <- aggregation t.b
rows
  group_by: t.b
  sort_limit: t.id for a
*/
