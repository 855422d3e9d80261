select median(a) as m, quantile_cont(c, 0.9) as p90, stddev(a) as s, corr(a, id) as r from t

/* lineage
m DOUBLE <- aggregation t.a
p90 DECIMAL(18,2) <- aggregation t.c
s DOUBLE <- aggregation t.a
r DOUBLE <- aggregation t.a, aggregation t.id
*/
