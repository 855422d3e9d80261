select u.*, v.k from u join v on u.id = v.id

/* lineage
id INTEGER <- u.id
a INTEGER <- u.a
e VARCHAR <- u.e
d DATE <- u.d
f DOUBLE <- u.f
k VARCHAR <- v.k
rows
  join: u.id
  join: v.id
*/
