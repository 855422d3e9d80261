select distinct lower(b) as b from t

/* lineage
b VARCHAR <- transformation t.b
rows
  distinct: t.b
*/
