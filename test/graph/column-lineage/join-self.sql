select x.b, y.b as other from t as x join t as y on x.id = y.a

/* lineage
b VARCHAR <- t.b
other VARCHAR <- t.b
rows
  join: t.a
  join: t.id
*/
