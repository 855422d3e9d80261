select t.id, w.x from t, lateral (values (t.a), (t.id)) as w(x)

/* lineage
id INTEGER <- t.id
x INTEGER <- t.a, t.id
*/
