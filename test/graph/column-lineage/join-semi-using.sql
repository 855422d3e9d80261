select t.b from t semi join u using (id, a)

/* lineage
b VARCHAR <- t.b
rows
  join: t.a
  join: t.id
  join: u.a
  join: u.id
*/
