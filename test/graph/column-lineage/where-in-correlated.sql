select b from t where a in (select a from u where u.id = t.id)

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
  filter: u.a
  join: t.id
  join: u.id
*/
