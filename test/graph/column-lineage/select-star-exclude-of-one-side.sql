select t.* exclude (l, s, m, j, ts, d, ok, c), u.* exclude (id, a, d) from t join u on t.id = u.id

/* lineage
id INTEGER <- t.id
a INTEGER <- t.a
b VARCHAR <- t.b
e VARCHAR <- u.e
f DOUBLE <- u.f
rows
  join: t.id
  join: u.id
*/
