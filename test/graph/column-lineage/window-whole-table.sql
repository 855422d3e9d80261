select id, count(*) over () as n, max(a) over () as top from t

/* lineage
id INTEGER <- t.id
n BIGINT <-
top INTEGER <- aggregation t.a
*/
