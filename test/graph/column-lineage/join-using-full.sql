select id, b, e from t full join u using (id)

/* lineage
id INTEGER <- transformation t.id, transformation u.id
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  join: t.id
  join: u.id
*/
