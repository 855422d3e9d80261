with x as (select id, a from t) select p.a, q.a as other from x as p join x as q on p.id = q.a

/* lineage
a INTEGER <- t.a
other INTEGER <- t.a
rows
  join: t.a
  join: t.id
*/
