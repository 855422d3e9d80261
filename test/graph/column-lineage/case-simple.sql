select case a when 1 then 'one' when id then b end as v from t

/* lineage
v VARCHAR <- transformation t.a, transformation t.b, transformation t.id
*/
