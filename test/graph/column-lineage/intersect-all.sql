select id, a from t intersect all select id, n from v

/* lineage
id INTEGER <- t.id
a INTEGER <- t.a
rows
  set_operation: t.a
  set_operation: t.id
  set_operation: v.id
  set_operation: v.n
*/
