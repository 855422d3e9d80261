select b from t where a > 1

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
*/
