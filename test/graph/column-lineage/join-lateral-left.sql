select t.id, w.top from t left join lateral (select max(f) as top from u where u.a = t.a) as w on true

/* lineage
id INTEGER <- t.id
top DOUBLE <- aggregation u.f
rows
  join: t.a
  join: u.a
*/
