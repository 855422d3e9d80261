select id, (select max(x) from (select u.f as x from u where u.id = t.id union all select v.n from v where v.id = t.id)) as m from t

/* lineage
id INTEGER <- t.id
m DOUBLE <- aggregation u.f, aggregation v.n
rows
  join: t.id for m
  join: u.id for m
  join: v.id for m
*/
