select a from t except select a from u

/* lineage
a INTEGER <- t.a
rows
  set_operation: t.a
  set_operation: u.a
*/
