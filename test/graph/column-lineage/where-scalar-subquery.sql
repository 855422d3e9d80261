select b from t where a > (select avg(a) from u)

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
  filter: u.a
*/
