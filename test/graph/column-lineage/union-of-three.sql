select id, 'a' as source from t union all select id, 'b' from u union all select n, k from v

/* lineage
id INTEGER <- t.id, u.id, v.n
source VARCHAR <- v.k
*/
