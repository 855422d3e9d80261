select what, sum(amount) as total
from (unpivot u on columns(* exclude (e, d, f)) into name what value amount)
where amount > 0
group by what

/* lineage
what VARCHAR <-
total HUGEINT <- aggregation u.a, aggregation u.id
rows
  filter: u.a
  filter: u.id
*/
