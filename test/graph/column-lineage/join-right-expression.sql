select t.b, u.e from t right join u on t.a + u.a > 3

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  join: t.a
  join: u.a
*/
