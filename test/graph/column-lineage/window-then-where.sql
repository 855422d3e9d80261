select id, a from (select id, a, row_number() over (partition by b order by d desc, id) as n from t) where n = 1

/* lineage
id INTEGER <- t.id
a INTEGER <- t.a
rows
  window: t.b
  window: t.d
  window: t.id
*/
