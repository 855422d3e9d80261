select a > 1 and ok as both, not ok as no, b is null as missing, a is distinct from id as differs from t

/* lineage
both BOOLEAN <- transformation t.a, transformation t.ok
no BOOLEAN <- transformation t.ok
missing BOOLEAN <- transformation t.b
differs BOOLEAN <- transformation t.a, transformation t.id
*/
