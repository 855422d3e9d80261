with recursive base as (select id, a from t where ok), r as (select id, 0 as n from base union all select r.id, r.n + 1 from r join base on base.id = r.id where r.n < 2) select id, max(n) as n from r group by id

/* lineage
id INTEGER <- t.id
n INTEGER <-
rows
  filter: t.ok
  group_by: t.id
  join: t.id
*/
