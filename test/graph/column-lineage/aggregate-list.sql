select b, list(a) as all_a, list({'i': id, 'd': d}) as rows from t group by b

/* lineage
b VARCHAR <- t.b
all_a INTEGER[] <- aggregation t.a
rows STRUCT(i INTEGER, d DATE)[] <- aggregation t.d, aggregation t.id
rows
  group_by: t.b
*/
