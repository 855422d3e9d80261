select b, e from t join u on true

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
*/
