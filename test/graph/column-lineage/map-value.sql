select m['a'] as v, map_keys(m) as keys, cardinality(m) as n from t

/* lineage
v INTEGER <- transformation t.m
keys VARCHAR[] <- transformation t.m
n UBIGINT <- transformation t.m
*/
