select b from t order by id limit (select max(n) from v)

/* lineage
b VARCHAR <- t.b
rows
  sort_limit: t.id
  sort_limit: v.n
*/
