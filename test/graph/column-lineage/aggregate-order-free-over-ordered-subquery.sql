select sum(a) as s from (select a from t order by d)

/* lineage
s HUGEINT <- aggregation t.a
*/
