select * exclude (d) replace (upper(e) as e, f / 2 as f) from u

/* lineage
id INTEGER <- u.id
a INTEGER <- u.a
e VARCHAR <- transformation u.e
f DOUBLE <- transformation u.f
*/
