select sum(a * id) as weighted, max(length(b)) as longest from t

/* lineage
weighted HUGEINT <- aggregation t.a, aggregation t.id
longest BIGINT <- aggregation t.b
*/
