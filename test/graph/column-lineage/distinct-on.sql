select distinct on (b) b, a, c from t order by b, d desc, id

/* lineage
b VARCHAR <- t.b
a INTEGER <- t.a
c DECIMAL(18,2) <- t.c
rows
  distinct: t.b
  sort_limit: t.b
  sort_limit: t.d
  sort_limit: t.id
*/
