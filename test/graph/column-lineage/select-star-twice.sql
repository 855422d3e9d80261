select *, * from v

/* lineage
id INTEGER <- v.id
k VARCHAR <- v.k
n INTEGER <- v.n
id_1 INTEGER <- v.id
k_1 VARCHAR <- v.k
n_1 INTEGER <- v.n
*/
