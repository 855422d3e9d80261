select count(distinct b) as kinds, sum(distinct a) as s from t

/* lineage
kinds BIGINT <- aggregation t.b
s HUGEINT <- aggregation t.a
*/
