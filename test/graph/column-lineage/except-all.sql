select a, b from t except all select a, e from u

/* lineage
a INTEGER <- t.a
b VARCHAR <- t.b
rows
  set_operation: t.a
  set_operation: t.b
  set_operation: u.a
  set_operation: u.e
*/
