select coalesce(b, 'none') as b, nullif(a, id) as a, ifnull(c, 0) as c from t

/* lineage
b VARCHAR <- transformation t.b
a INTEGER <- transformation t.a, transformation t.id
c DECIMAL(18,2) <- transformation t.c
*/
