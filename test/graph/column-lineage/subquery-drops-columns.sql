select a from (select a, b, c from t) as q

/* lineage
a INTEGER <- t.a
*/
