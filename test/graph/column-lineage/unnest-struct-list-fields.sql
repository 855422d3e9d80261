select id, x.p, x.q from t, unnest([{'p': a, 'q': b}, {'p': id, 'q': 'none'}]) as w(x)

/* lineage
id INTEGER <- t.id
p INTEGER <- t.a, t.id
q VARCHAR <- t.b
*/
