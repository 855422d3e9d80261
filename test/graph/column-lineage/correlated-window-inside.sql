select id, (select sum(r) from (select row_number() over (order by u.f) as r from u where u.id <= t.id)) as s from t

/* lineage
id INTEGER <- t.id
s HUGEINT <-
rows
  join: t.id for s
  join: u.id for s
  window: u.f for s
*/
