select id, n from t, range(a) as w(n)

/* lineage
id INTEGER <- t.id
n BIGINT <- transformation t.a
rows
  unnest: t.a
*/
