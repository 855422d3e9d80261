select b from t order by a

/* lineage
b VARCHAR <- t.b
*/
