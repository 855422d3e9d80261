select * from (select b, a from t order by a, id) limit 2

/* lineage
b VARCHAR <- t.b
a INTEGER <- t.a
rows
  sort_limit: t.a
  sort_limit: t.id
*/
