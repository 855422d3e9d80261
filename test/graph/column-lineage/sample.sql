select b from t using sample 3 rows (reservoir, 7)

/* lineage
b VARCHAR <- t.b
*/
