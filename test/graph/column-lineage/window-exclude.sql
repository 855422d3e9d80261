select id, sum(a) over (partition by b order by id rows between unbounded preceding and unbounded following exclude current row) as others from t

/* lineage
id INTEGER <- t.id
others HUGEINT <- aggregation t.a
rows
  window: t.b for others
  window: t.id for others
*/
