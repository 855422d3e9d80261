select coalesce(t.id, u.id) as id, t.b, u.e from t full join u on t.id = u.id

/* lineage
id INTEGER <- transformation t.id, transformation u.id
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  join: t.id
  join: u.id
*/
