select a from t where b = $label

/* lineage
a INTEGER <- t.a
rows
  filter: t.b
*/
