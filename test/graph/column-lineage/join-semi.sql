select b from t semi join u on t.id = u.id

/* lineage
b VARCHAR <- t.b
rows
  join: t.id
  join: u.id
*/
