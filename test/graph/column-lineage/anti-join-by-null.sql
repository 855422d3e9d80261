select b from t left join u on t.id = u.id where u.id is null

/* lineage
b VARCHAR <- t.b
rows
  filter: u.id
  join: t.id
  join: u.id
*/
