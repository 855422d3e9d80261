select case when a > 1 then (select max(k) from v) else b end as v from t

/* lineage
v VARCHAR <- transformation t.a, transformation t.b, aggregation v.k
*/
