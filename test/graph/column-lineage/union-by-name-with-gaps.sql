select id, e from u union all by name select k as e, n from v

/* lineage
id INTEGER <- u.id
e VARCHAR <- u.e, v.k
n INTEGER <- v.n
*/
