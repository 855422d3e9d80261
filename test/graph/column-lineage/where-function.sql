select a from t where length(b) = 1

/* lineage
a INTEGER <- t.a
rows
  filter: t.b
*/
