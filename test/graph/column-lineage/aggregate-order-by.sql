select string_agg(b, ',' order by d desc, id) as labels, sum(a) as s from t

/* lineage
labels VARCHAR <- aggregation t.b
s HUGEINT <- aggregation t.a
rows
  sort_limit: t.d for labels
  sort_limit: t.id for labels
*/
