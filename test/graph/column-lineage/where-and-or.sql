select b from t where (a > 1 or ok) and d is not null

/* lineage
b VARCHAR <- t.b
rows
  filter: t.a
  filter: t.d
  filter: t.ok
*/
