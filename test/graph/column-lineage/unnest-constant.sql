select id, n from t, unnest([1, 2]) as w(n)

/* lineage
id INTEGER <- t.id
n INTEGER <-
*/
