select id, (select max(e) from u where u.a = (select max(n) from v where v.id = t.id)) as e from t

/* lineage
id INTEGER <- t.id
e VARCHAR <- aggregation u.e
rows
  filter: u.a for e
  filter: v.n for e
  join: t.id for e
  join: v.id for e
*/
