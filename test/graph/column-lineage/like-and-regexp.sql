select b like 'a%' as starts, regexp_matches(b, '[ab]') as has, regexp_replace(b, 'a', 'A') as changed from t

/* lineage
starts BOOLEAN <- transformation t.b
has BOOLEAN <- transformation t.b
changed VARCHAR <- transformation t.b
*/
