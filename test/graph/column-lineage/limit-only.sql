select b from t limit 2

/* lineage
b VARCHAR <- t.b
*/
