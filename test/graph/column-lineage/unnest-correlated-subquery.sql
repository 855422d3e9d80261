select id, (select sum(x) from (select unnest(t.l) as x) where x > t.a) as s from t

/* lineage
id INTEGER <- t.id
s HUGEINT <- aggregation t.l
rows
  filter: t.a for s
  filter: t.l for s
  unnest: t.l for s
*/
