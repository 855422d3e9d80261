select bool_and(ok) as every_one, bool_or(a > 3) as some_one, count_if(a > 2) as big from t

/* lineage
every_one BOOLEAN <- aggregation t.ok
some_one BOOLEAN <- aggregation t.a
big HUGEINT <- aggregation t.a
*/
