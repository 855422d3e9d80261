select case when ok then sha256(b) else sha256(b || 'salt') end as b from t

/* lineage
b VARCHAR <- transformation masked t.b, transformation t.ok
*/
