select id, t.b, v.k from t right join v using (id)

/* lineage
id INTEGER <- v.id
b VARCHAR <- t.b
k VARCHAR <- v.k
rows
  join: t.id
  join: v.id
*/
