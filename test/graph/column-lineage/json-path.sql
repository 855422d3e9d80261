select j->>'$.p' as p, j->'q' as q, json_array_length(j) as n from t

/* lineage
p VARCHAR <- transformation t.j
q JSON <- transformation t.j
n UBIGINT <- transformation t.j
*/
