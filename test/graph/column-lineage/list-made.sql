select [a, id] as both, list_value(a) as one from t

/* lineage
both INTEGER[] <- transformation t.a, transformation t.id
one INTEGER[] <- transformation t.a
*/
