select b, e from t cross join u

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
*/
