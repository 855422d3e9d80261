select b from t where (select count(*) from u where u.id = t.id) > 1

/* lineage
b VARCHAR <- t.b
rows
  join: t.id
  join: u.id
*/
