select * exclude (d) replace (upper(e) as e, id + a as id) from u

/* lineage
id INTEGER <- transformation u.a, transformation u.id
a INTEGER <- u.a
e VARCHAR <- transformation u.e
f DOUBLE <- u.f
*/
