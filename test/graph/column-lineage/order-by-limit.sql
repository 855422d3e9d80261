select b from t order by a, id limit 3

/* lineage
b VARCHAR <- t.b
rows
  sort_limit: t.a
  sort_limit: t.id
*/
