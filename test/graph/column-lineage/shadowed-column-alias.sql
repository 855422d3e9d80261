select a as b, b as a from t where a > 1 order by b limit 1

/* lineage
b INTEGER <- t.a
a VARCHAR <- t.b
rows
  filter: t.a
  sort_limit: t.a
*/
