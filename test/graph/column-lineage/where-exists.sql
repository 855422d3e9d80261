select b from t where exists (select 1 from u where u.id = t.id and u.f > 1)

/* lineage
b VARCHAR <- t.b
rows
  filter: u.f
  join: t.id
  join: u.id
*/
