select b from t order by id limit 50%

/* lineage
b VARCHAR <- t.b
rows
  sort_limit: t.id
*/
