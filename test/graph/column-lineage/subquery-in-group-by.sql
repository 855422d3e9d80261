select (select max(k) from v where v.id = t.id) as k, sum(a) as s from t group by 1

/* lineage
k VARCHAR <- aggregation v.k
s HUGEINT <- aggregation t.a
rows
  group_by: v.k
  join: t.id
  join: v.id
*/
