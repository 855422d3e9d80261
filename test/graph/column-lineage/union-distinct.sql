select a from t union select a from u

/* lineage
a INTEGER <- t.a, u.a
rows
  set_operation: t.a
  set_operation: u.a
*/
