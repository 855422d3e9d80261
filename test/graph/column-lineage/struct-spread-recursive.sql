select unnest(s, recursive := true) from t

/* lineage
x INTEGER <- transformation t.s
z VARCHAR <- transformation t.s
*/
