select a from t union all select a from u order by a limit 3

/* lineage
a INTEGER <- t.a, u.a
rows
  sort_limit: t.a
  sort_limit: u.a
*/
