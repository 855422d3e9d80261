select id, sum(a) over (order by ts range between interval 1 day preceding and current row) as recent from t

/* lineage
id INTEGER <- t.id
recent HUGEINT <- aggregation t.a
rows
  window: t.ts for recent
*/
