select t.b, u.e from t right join u on t.id = u.id

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  join: t.id
  join: u.id
*/
