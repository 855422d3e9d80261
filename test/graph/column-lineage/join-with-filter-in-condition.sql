select b, e from t left join u on t.id = u.id and t.ok and u.f > 1

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  filter: u.f
  join: t.id
  join: t.ok
  join: u.id
*/
