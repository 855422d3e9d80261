with x(p, q) as (select a, b from t) select q, p from x

/* lineage
q VARCHAR <- t.b
p INTEGER <- t.a
*/
