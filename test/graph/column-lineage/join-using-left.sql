select id, b, e from t left join u using (id)

/* lineage
id INTEGER <- t.id
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  join: t.id
  join: u.id
*/
