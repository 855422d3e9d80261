select n from generate_series(1, 3) as w(n)

/* lineage
n BIGINT <-
*/
