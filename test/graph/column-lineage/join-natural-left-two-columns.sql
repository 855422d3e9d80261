select k, e, id, a from (select id, a, e from u) natural left join (select id, n as a, k from v)

/* lineage
k VARCHAR <- v.k
e VARCHAR <- u.e
id INTEGER <- u.id
a INTEGER <- u.a
rows
  join: u.a
  join: u.id
  join: v.id
  join: v.n
*/
