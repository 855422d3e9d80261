select b, max(a, 2) as most, arg_min({'i': id, 'c': c}, ts) as oldest from t group by b

/* lineage
b VARCHAR <- t.b
most INTEGER[] <- aggregation t.a
oldest STRUCT(i INTEGER, c DECIMAL(18,2)) <- aggregation t.c, aggregation t.id, aggregation t.ts
rows
  group_by: t.b
*/
