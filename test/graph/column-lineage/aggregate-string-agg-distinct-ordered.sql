select ok, string_agg(distinct b, ',' order by b desc) as names, list(a order by ts) as items from t group by ok

/* lineage
ok BOOLEAN <- t.ok
names VARCHAR <- aggregation t.b
items INTEGER[] <- aggregation t.a
rows
  group_by: t.ok
  sort_limit: t.b for names
  sort_limit: t.ts for items
*/
