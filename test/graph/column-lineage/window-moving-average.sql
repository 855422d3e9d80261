select id, avg(c) over (order by d, id rows between 2 preceding and 2 following) as smooth from t

/* lineage
id INTEGER <- t.id
smooth DOUBLE <- aggregation t.c
rows
  window: t.d for smooth
  window: t.id for smooth
*/
