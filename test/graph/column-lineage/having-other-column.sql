select b from t group by b having max(c) > 1

/* lineage
b VARCHAR <- t.b
rows
  group_by: t.b
  having: t.c
*/
