select b from t where exists (select 1 from u where u.a + t.a > 3)

/* lineage
b VARCHAR <- t.b
rows
  join: t.a
  join: u.a
*/
