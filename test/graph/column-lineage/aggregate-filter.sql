select sum(a) filter (where ok) as good, count(*) filter (where b = 'x') as xs, max(c) as c from t

/* lineage
good HUGEINT <- aggregation t.a
xs BIGINT <-
c DECIMAL(18,2) <- aggregation t.c
rows
  filter: t.b for xs
  filter: t.ok for good
*/
