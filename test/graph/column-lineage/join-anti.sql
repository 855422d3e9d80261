select b from t anti join u using (id)

/* lineage
b VARCHAR <- t.b
rows
  join: t.id
  join: u.id
*/
