select id from t order by case when row_number() over (partition by b order by c) = 1 then a end limit 2

/* lineage
id INTEGER <- t.id
rows
  sort_limit: t.a
  sort_limit: t.b
  sort_limit: t.c
*/
