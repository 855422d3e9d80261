select b from t where (id, a) in (select id, a from u)

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
  filter: t.id
  filter: u.a
  filter: u.id
*/
