select histogram(b) as h, mode(a) as m from t

/* lineage
h MAP(VARCHAR, UBIGINT) <- aggregation t.b
m INTEGER <- aggregation t.a
*/
