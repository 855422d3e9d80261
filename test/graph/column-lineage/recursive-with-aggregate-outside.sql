with recursive r(id, n) as (select id, 1 from v union all select r.id, r.n + 1 from r where r.n < 3) select id, max(n) as top from r group by id

/* lineage
id INTEGER <- v.id
top INTEGER <-
rows
  group_by: v.id
*/
