with x as materialized (select a, b from t) select b from x where a > 1

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
*/
