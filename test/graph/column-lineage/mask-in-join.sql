select t.id from t join u on sha256(t.b) = sha256(u.e)

/* lineage
id INTEGER <- t.id
rows
  join: masked t.b
  join: masked u.e
*/
