select p, q from (select a, b from t) as r(p, q)

/* lineage
p INTEGER <- t.a
q VARCHAR <- t.b
*/
