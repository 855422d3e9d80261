select list_filter(l, lambda x, i: x > i and x < a) as few, list_reduce(l, lambda x, y: x * y + id, 1) as folded from t

/* lineage
few INTEGER[] <- transformation t.a, transformation t.l
folded INTEGER <- transformation t.id, transformation t.l
*/
