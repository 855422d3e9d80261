select list(b order by ts) filter (where a > 1) as bs from t

/* lineage
bs VARCHAR[] <- aggregation t.b
rows
  filter: t.a for bs
  sort_limit: t.ts for bs
*/
