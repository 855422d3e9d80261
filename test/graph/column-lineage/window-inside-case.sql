select id, case when row_number() over (partition by b order by c, id) = 1 then a end as first_a from t

/* lineage
id INTEGER <- t.id
first_a INTEGER <- transformation t.a
rows
  window: t.b for first_a
  window: t.c for first_a
  window: t.id for first_a
*/
