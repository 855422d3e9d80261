select b, e from t join u on t.a + u.a > 3 and t.b like u.e

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  join: t.a
  join: t.b
  join: u.a
  join: u.e
*/
