select id, row_number() over (partition by b order by d, id) as n from t

/* lineage
id INTEGER <- t.id
n BIGINT <-
rows
  window: t.b for n
  window: t.d for n
  window: t.id for n
*/
