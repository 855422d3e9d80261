select * from u

/* lineage
id INTEGER <- u.id
a INTEGER <- u.a
e VARCHAR <- u.e
d DATE <- u.d
f DOUBLE <- u.f
*/
