select id, n from t, unnest(range(a)) as w(n) where n < id

/* lineage
id INTEGER <- t.id
n BIGINT <- transformation t.a
rows
  filter: t.a
  filter: t.id
  unnest: t.a
*/
