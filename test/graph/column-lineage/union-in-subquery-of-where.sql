select b from t where a in (select a from u union select n from v)

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
  filter: u.a
  filter: v.n
  set_operation: u.a
  set_operation: v.n
*/
