select columns(name -> name in ('a', 'd')) from u

/* lineage
a INTEGER <- u.a
d DATE <- u.d
*/
