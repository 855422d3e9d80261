(select a from t union select a from u) except select n from v

/* lineage
a INTEGER <- t.a, u.a
rows
  set_operation: t.a
  set_operation: u.a
  set_operation: v.n
*/
