select id, (select max(e) from u where u.id = t.id) as e from t

/* lineage
id INTEGER <- t.id
e VARCHAR <- aggregation u.e
rows
  join: t.id for e
  join: u.id for e
*/
