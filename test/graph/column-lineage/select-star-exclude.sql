select * exclude (l, s, m, ts, ok, j) from t

/* lineage
id INTEGER <- t.id
a INTEGER <- t.a
b VARCHAR <- t.b
c DECIMAL(18,2) <- t.c
d DATE <- t.d
*/
