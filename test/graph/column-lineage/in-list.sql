select b in ('x', 'y') as known, a not in (1, id) as other from t

/* lineage
known BOOLEAN <- transformation t.b
other BOOLEAN <- transformation t.a, transformation t.id
*/
