select b, e from t left join u on t.id = u.id or t.a = u.a

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  join: t.a
  join: t.id
  join: u.a
  join: u.id
*/
