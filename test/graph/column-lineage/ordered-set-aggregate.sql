select b, percentile_cont(0.5) within group (order by c desc) as median, mode() within group (order by a) as usual from t group by b

/* lineage
b VARCHAR <- t.b
median DECIMAL(18,2) <- aggregation t.c
usual INTEGER <- aggregation t.a
rows
  group_by: t.b
  sort_limit: t.a for usual
*/
