select id, exists (select 1 from u where u.id = t.id) as has_u from t

/* lineage
id INTEGER <- t.id
has_u BOOLEAN <-
rows
  join: t.id for has_u
  join: u.id for has_u
*/
