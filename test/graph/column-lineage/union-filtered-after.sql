select x from (select a as x, ok as y from t union all select a, f > 1 from u) where y

/* lineage
x INTEGER <- t.a, u.a
rows
  filter: t.ok
  filter: u.f
*/
