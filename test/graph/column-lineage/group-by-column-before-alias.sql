select max(left(b, 1)) as a, count(*) as n from t group by a

/* lineage
a VARCHAR <- aggregation t.b
n BIGINT <-
rows
  group_by: t.a
*/
