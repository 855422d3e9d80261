select id, max(n) over (partition by b) as top from (select id, b, row_number() over (partition by ok order by id) as n from t)

/* lineage
id INTEGER <- t.id
top BIGINT <-
rows
  window: t.b for top
  window: t.id for top
  window: t.ok for top
*/
