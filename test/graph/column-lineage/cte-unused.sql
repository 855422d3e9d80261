with x as (select a from t where ok), y as (select e from u where f > 1) select a from x

/* lineage
a INTEGER <- t.a
rows
  filter: t.ok
*/
