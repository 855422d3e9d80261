select t.id, q.x, r.y from t, unnest(t.l) as q(x), range(q.x) as r(y)

/* lineage
id INTEGER <- t.id
x INTEGER <- transformation t.l
y BIGINT <- transformation t.l
rows
  unnest: t.l
*/
