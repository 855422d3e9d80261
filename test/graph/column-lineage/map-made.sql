select map {coalesce(b, ''): a} as pairs, map_from_entries([(coalesce(b, ''), id)]) as more from t

/* lineage
pairs MAP(VARCHAR, INTEGER) <- transformation t.a, transformation t.b
more MAP(VARCHAR, INTEGER) <- transformation t.b, transformation t.id
*/
