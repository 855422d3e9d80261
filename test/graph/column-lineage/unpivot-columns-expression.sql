select * from (unpivot (select k, id, n from v) on columns(* exclude (k)) into name what value number)

/* lineage
k VARCHAR <- v.k
what VARCHAR <-
number INTEGER <- v.id, v.n
rows
  filter: v.id
  filter: v.n
*/
