select b from t where a not in (select a from u)

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
  filter: u.a
*/
