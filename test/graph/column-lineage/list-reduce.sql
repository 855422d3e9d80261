select list_reduce(l, (total, x) -> total + x, a) as total from t

/* lineage
total INTEGER <- transformation t.a, transformation t.l
*/
