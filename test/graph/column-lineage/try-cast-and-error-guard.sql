select id, try_cast(b as integer) as n, case when id < 0 then error('no ' || b) else a end as a from t

/* lineage
id INTEGER <- t.id
n INTEGER <- transformation t.b
a INTEGER <- transformation t.a, transformation t.b, transformation t.id
*/
