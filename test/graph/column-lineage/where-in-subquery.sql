select b from t where a in (select a from u where e = 'x')

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
  filter: u.a
  filter: u.e
*/
