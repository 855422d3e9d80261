select unnest([{'k': a, 'n': b}], max_depth := 2) from t

/* lineage
k INTEGER <- t.a
n VARCHAR <- t.b
*/
