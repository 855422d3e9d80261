select b, k from t positional join v

/* lineage
b VARCHAR <- t.b
k VARCHAR <- v.k
*/
