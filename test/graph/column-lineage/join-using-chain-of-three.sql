select id, t.b, u.e, v.k from t join u using (id) left join v using (id)

/* lineage
id INTEGER <- t.id
b VARCHAR <- t.b
e VARCHAR <- u.e
k VARCHAR <- v.k
rows
  join: t.id
  join: u.id
  join: v.id
*/
