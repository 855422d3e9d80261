select b, e from t, u where t.id = u.id

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  filter: t.id
  filter: u.id
*/
