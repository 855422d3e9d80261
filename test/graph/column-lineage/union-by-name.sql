select id, b from t union all by name select e as b, id, f from u

/* lineage
id INTEGER <- t.id, u.id
b VARCHAR <- t.b, u.e
f DOUBLE <- u.f
*/
