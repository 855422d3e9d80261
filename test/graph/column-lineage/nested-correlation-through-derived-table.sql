select id, (select max(z) from (select f + t.a as z from u where u.id = t.id)) as z from t

/* lineage
id INTEGER <- t.id
z DOUBLE <- aggregation t.a, aggregation u.f
rows
  join: t.id for z
  join: u.id for z
*/
