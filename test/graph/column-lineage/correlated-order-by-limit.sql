select id, (select e from u where u.a = t.a order by u.f desc limit 1) as best from t

/* lineage
id INTEGER <- t.id
best VARCHAR <- u.e
rows
  join: t.a for best
  join: u.a for best
  sort_limit: u.f for best
*/
