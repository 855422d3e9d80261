select a from t intersect select a from u

/* lineage
a INTEGER <- t.a
rows
  set_operation: t.a
  set_operation: u.a
*/
