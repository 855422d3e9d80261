select b from t order by d desc nulls last, id limit 2 offset 1

/* lineage
b VARCHAR <- t.b
rows
  sort_limit: t.d
  sort_limit: t.id
*/
