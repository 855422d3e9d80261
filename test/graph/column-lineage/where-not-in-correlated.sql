select b from t where (a + 1) not in (select u.a from u where u.d > t.d)

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
  filter: u.a
  join: t.d
  join: u.d
*/
