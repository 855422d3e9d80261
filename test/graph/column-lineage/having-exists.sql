select a, count(*) as n from t group by a having exists (select 1 from u where u.a = t.a)

/* lineage
a INTEGER <- t.a
n BIGINT <-
rows
  group_by: t.a
  join: t.a
  join: u.a
*/
