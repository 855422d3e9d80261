select t.id, w.two from t join pairs_up_to(4) as w on t.a = w.one

/* lineage
id INTEGER <- t.id
two BIGINT <-
rows
  join: t.a
*/
