select b from t where a > any (select a from u)

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
  filter: u.a
*/
