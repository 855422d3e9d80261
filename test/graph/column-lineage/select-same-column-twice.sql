select a, a from t

/* lineage
a INTEGER <- t.a
a_1 INTEGER <- t.a
*/
