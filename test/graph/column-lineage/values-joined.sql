select b, w from t join (values (1, 'one'), (2, 'two')) as q(n, w) on t.id = q.n

/* lineage
b VARCHAR <- t.b
w VARCHAR <-
rows
  join: t.id
*/
