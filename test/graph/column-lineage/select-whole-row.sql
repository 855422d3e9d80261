select v from v

/* lineage
v STRUCT(id INTEGER, k VARCHAR, n INTEGER) <- transformation v.id, transformation v.k, transformation v.n
*/
