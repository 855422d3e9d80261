select id from t order by (select max(f) from u where u.id = t.id), id limit 2

/* lineage
id INTEGER <- t.id
rows
  join: t.id
  join: u.id
  sort_limit: t.id
  sort_limit: u.f
*/
