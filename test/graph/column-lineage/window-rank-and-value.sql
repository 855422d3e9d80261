select id, rank() over (order by c) as r, c from t

/* lineage
id INTEGER <- t.id
r BIGINT <-
c DECIMAL(18,2) <- t.c
rows
  window: t.c for r
*/
