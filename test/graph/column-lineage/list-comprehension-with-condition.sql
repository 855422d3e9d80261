select [x * c for x in l if x > id] as scaled from t

/* lineage
scaled DECIMAL(18,2)[] <- transformation t.c, transformation t.id, transformation t.l
*/
