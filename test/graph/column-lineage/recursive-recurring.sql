with recursive r(id, n) using key (id) as (select id, n from v union select r.id, r.n + 1 from r join recurring.r as q on q.id = r.id where r.n < 3) select id, n from r

/* lineage
id INTEGER <- v.id
n INTEGER <- transformation v.n
rows
  distinct: v.id
  filter: v.n
  join: v.id
  set_operation: v.id
  set_operation: v.n
*/
