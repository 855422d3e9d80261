select distinct on (ok) a from t order by ok, id

/* lineage
a INTEGER <- t.a
rows
  distinct: t.ok
  sort_limit: t.id
  sort_limit: t.ok
*/
