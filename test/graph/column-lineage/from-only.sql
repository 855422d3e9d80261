from v

/* lineage
id INTEGER <- v.id
k VARCHAR <- v.k
n INTEGER <- v.n
*/
