select b, e from t tablesample reservoir(3 rows) repeatable (7), u where t.id = u.id

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  filter: t.id
  filter: u.id
*/
