select list_transform(l, x -> x + a) as moved from t

/* lineage
moved INTEGER[] <- transformation t.a, transformation t.l
*/
