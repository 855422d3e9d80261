select b, row_number() over () as n from (select b from t order by c, id)

/* lineage
b VARCHAR <- t.b
n BIGINT <-
rows
  window: t.c for n
  window: t.id for n
*/
