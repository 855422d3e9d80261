select t.b from t join (select max(n) as top from v) as w on t.a = w.top

/* lineage
b VARCHAR <- t.b
rows
  join: t.a
  join: v.n
*/
