select b, e from t join u on t.a < u.a

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  join: t.a
  join: u.a
*/
