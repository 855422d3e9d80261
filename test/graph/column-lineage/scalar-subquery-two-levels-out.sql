select id, (select count(*) from u where exists (select 1 from v where v.id = t.id and v.n = u.a)) as n from t

/* lineage
id INTEGER <- t.id
n BIGINT <-
rows
  join: t.id for n
  join: u.a for n
  join: v.id for n
  join: v.n for n
*/
