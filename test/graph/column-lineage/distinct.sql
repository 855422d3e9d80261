select distinct a, b from t

/* lineage
a INTEGER <- t.a
b VARCHAR <- t.b
rows
  distinct: t.a
  distinct: t.b
*/
