select id, ntile(2) over (order by c, id) as half, percent_rank() over (order by a) as p from t

/* lineage
id INTEGER <- t.id
half BIGINT <-
p DOUBLE <-
rows
  window: t.a for p
  window: t.c for half
  window: t.id for half
*/
