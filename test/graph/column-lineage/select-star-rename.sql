select * rename (e as label) from u

/* lineage
id INTEGER <- u.id
a INTEGER <- u.a
label VARCHAR <- u.e
d DATE <- u.d
f DOUBLE <- u.f
*/
