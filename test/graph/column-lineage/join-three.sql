select t.b, u.e, v.k from t join u on t.id = u.id left join v on u.a = v.n

/* lineage
b VARCHAR <- t.b
e VARCHAR <- u.e
k VARCHAR <- v.k
rows
  join: t.id
  join: u.a
  join: u.id
  join: v.n
*/
