select list_filter(l, x -> x > id) as more, list_filter(l, (x, i) -> i > 1) as rest from t

/* lineage
more INTEGER[] <- transformation t.id, transformation t.l
rest INTEGER[] <- transformation t.l
*/
