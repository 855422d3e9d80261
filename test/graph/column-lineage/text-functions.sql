select upper(trim(b)) as b, b || '-' || id as label, substr(b, a, 2) as part from t

/* lineage
b VARCHAR <- transformation t.b
label VARCHAR <- transformation t.b, transformation t.id
part VARCHAR <- transformation t.a, transformation t.b
*/
