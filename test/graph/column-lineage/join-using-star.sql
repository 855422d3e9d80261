select * from u join v using (id)

/* lineage
id INTEGER <- u.id
a INTEGER <- u.a
e VARCHAR <- u.e
d DATE <- u.d
f DOUBLE <- u.f
k VARCHAR <- v.k
n INTEGER <- v.n
rows
  join: u.id
  join: v.id
*/
