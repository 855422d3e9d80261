select id, exists (select 1 from u where u.a > t.a or u.id = t.id) as near from t

/* lineage
id INTEGER <- t.id
near BOOLEAN <-
rows
  join: t.a for near
  join: t.id for near
  join: u.a for near
  join: u.id for near
*/
