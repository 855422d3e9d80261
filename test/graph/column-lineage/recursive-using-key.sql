with recursive r(id, n) using key (id) as (select id, n from v union select r.id, r.n + 1 from r where r.n < 3) select id, n from r

/* lineage
id INTEGER <- v.id
n INTEGER <- transformation v.n
rows
  distinct: v.id
  filter: v.n
  set_operation: v.id
  set_operation: v.n
*/
