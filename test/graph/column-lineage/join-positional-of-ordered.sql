select b, k from (select b from t order by c, id) positional join (select k from v order by n, id)

/* lineage
b VARCHAR <- t.b
k VARCHAR <- v.k
rows
  sort_limit: t.c
  sort_limit: t.id
  sort_limit: v.id
  sort_limit: v.n
*/
