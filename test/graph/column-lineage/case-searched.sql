select case when a > 2 then b when ok then 'ok' else j::varchar end as v from t

/* lineage
v VARCHAR <- transformation t.a, transformation t.b, transformation t.j, transformation t.ok
*/
