select count(*) as n, count(a) as with_a, avg(c) as mean from t

/* lineage
n BIGINT <-
with_a BIGINT <- aggregation t.a
mean DOUBLE <- aggregation t.c
*/
