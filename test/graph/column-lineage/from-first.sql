from v select k, n

/* lineage
k VARCHAR <- v.k
n INTEGER <- v.n
*/
