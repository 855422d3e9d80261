select list_transform(l, x -> list_transform(l, y -> x * y + a)) as table_of from t

/* lineage
table_of INTEGER[][] <- transformation t.a, transformation t.l
*/
