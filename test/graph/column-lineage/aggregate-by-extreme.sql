select arg_max(b, ts) as newest, min_by(a, c) as cheapest from t

/* lineage
newest VARCHAR <- aggregation t.b, aggregation t.ts
cheapest INTEGER <- aggregation t.a, aggregation t.c
*/
