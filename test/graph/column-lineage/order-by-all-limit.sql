select a, b from t order by all limit 2

/* lineage
a INTEGER <- t.a
b VARCHAR <- t.b
rows
  sort_limit: t.a
  sort_limit: t.b
*/
