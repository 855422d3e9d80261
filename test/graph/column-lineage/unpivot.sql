select * from (select id, a, n from (select u.id, a, n from u join v on u.id = v.id)) unpivot (value for name in (a, n))

/* lineage
id INTEGER <- u.id
name VARCHAR <-
value INTEGER <- u.a, v.n
rows
  filter: u.a
  filter: v.n
  join: u.id
  join: v.id
*/
