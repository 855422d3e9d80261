select b from t where not exists (select * from u where u.id = t.id)

/* lineage
b VARCHAR <- t.b
rows
  join: t.id
  join: u.id
*/
