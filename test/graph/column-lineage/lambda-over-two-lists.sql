select list_transform(list_zip(l, [id, a]), lambda p: p[1] + c) as sums from t

/* lineage
sums DECIMAL(18,2)[] <- transformation t.a, transformation t.c, transformation t.id, transformation t.l
*/
