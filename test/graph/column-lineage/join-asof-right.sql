select t.b, u.e from t asof right join u on t.id = u.id and t.d >= u.d

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  join: t.d
  join: t.id
  join: u.d
  join: u.id
*/
