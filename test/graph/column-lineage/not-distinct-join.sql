select t.b, u.e from t left join u on t.a is not distinct from u.a and u.f > 1

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  filter: u.f
  join: t.a
  join: u.a
*/
