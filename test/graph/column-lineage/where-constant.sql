select b from t where true

/* lineage
b VARCHAR <- t.b
*/
