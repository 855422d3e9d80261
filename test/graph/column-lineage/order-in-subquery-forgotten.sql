select b from (select b, a from t order by a) where b is not null

/* lineage
b VARCHAR <- t.b
rows
  filter: t.b
*/
