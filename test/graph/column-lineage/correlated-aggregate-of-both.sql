select t.id, (select sum(u.f * t.c) from u where u.a = t.a) as s from t

/* lineage
id INTEGER <- t.id
s DOUBLE <- aggregation t.c, aggregation u.f
rows
  join: t.a for s
  join: u.a for s
*/
