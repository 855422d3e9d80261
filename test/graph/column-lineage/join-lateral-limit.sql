select t.id, w.e from t, lateral (select e from u where u.id = t.id order by f desc limit 1) as w

/* lineage
id INTEGER <- t.id
e VARCHAR <- u.e
rows
  join: t.id
  join: u.id
  sort_limit: u.f
*/
