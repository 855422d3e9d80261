select id, (with x as (select max(f) as top from u where u.id = t.id) select top from x) as top from t

/* lineage
id INTEGER <- t.id
top DOUBLE <- aggregation u.f
rows
  join: t.id for top
  join: u.id for top
*/
