select l[1] as first, l[a] as by_a, list_extract(l, -1) as last, l[1:2] as some from t

/* lineage
first INTEGER <- transformation t.l
by_a INTEGER <- transformation t.a, transformation t.l
last INTEGER <- transformation t.l
some INTEGER[] <- transformation t.l
*/
