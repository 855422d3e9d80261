select id from t where sha256(b) = 'x'

/* lineage
id INTEGER <- t.id
rows
  filter: masked t.b
*/
