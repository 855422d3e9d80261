select id, b, e from (select id, b from t) natural full join (select id, e from u)

/* lineage
id INTEGER <- transformation t.id, transformation u.id
b VARCHAR <- t.b
e VARCHAR <- u.e
rows
  join: t.id
  join: u.id
*/
