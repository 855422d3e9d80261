select * from (unpivot (select id, a from u) on id, a into name what value amount)

/* lineage
what VARCHAR <-
amount INTEGER <- u.a, u.id
rows
  filter: u.a
  filter: u.id
*/
