select id from t order by row_number() over (order by c, id) limit 2

/* lineage
id INTEGER <- t.id
rows
  sort_limit: t.c
  sort_limit: t.id
*/
