(select id from t intersect select id from u) except all select id from v where n > 1

/* lineage
id INTEGER <- t.id
rows
  filter: v.n
  set_operation: t.id
  set_operation: u.id
  set_operation: v.id
*/
