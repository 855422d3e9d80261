select id, max(c) over (order by d groups between 1 preceding and current row exclude ties) as m from t

/* lineage
id INTEGER <- t.id
m DECIMAL(18,2) <- aggregation t.c
rows
  window: t.d for m
*/
