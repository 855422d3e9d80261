select unnest([{'k': a, 'n': b}], max_depth := 2) from t

/* lineage
k INTEGER <- transformation t.a, transformation t.b
n VARCHAR <- transformation t.a, transformation t.b
*/
