select a as x, b as y from t union all select id, e from u

/* lineage
x INTEGER <- t.a, u.id
y VARCHAR <- t.b, u.e
*/
