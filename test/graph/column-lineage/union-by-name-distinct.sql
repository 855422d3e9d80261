select a, id from u union by name select id, n as a from v

/* lineage
a INTEGER <- u.a, v.n
id INTEGER <- u.id, v.id
rows
  set_operation: u.a
  set_operation: u.id
  set_operation: v.id
  set_operation: v.n
*/
