select id from t where (a, b) in (select n, k from v where v.id > 1)

/* lineage
id INTEGER <- t.id
rows
  filter: t.a
  filter: t.b
  filter: v.id
  filter: v.k
  filter: v.n
*/
