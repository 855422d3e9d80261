select a from t where a > 1

/* lineage
a INTEGER <- t.a
rows
  filter: t.a
*/
