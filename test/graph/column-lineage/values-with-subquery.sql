select x + 1 as y, z from (values ((select max(a) from t), 1), (2, (select min(n) from v))) as q(x, z)

/* lineage
y INTEGER <- aggregation t.a
z INTEGER <- aggregation v.n
*/
