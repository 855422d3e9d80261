select [x * a for x in l if x > id] as chosen from t

/* lineage
chosen INTEGER[] <- transformation t.a, transformation t.id, transformation t.l
*/
