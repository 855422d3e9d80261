select b from t where a >= all (select a from u where e = b)

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
  filter: u.a
  join: t.b
  join: u.e
*/
