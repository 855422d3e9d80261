select b from t where exists (select 1 from u where e = 'x')

/* lineage
b VARCHAR <- t.b
rows
  filter: u.e
*/
