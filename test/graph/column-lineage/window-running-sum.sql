select id, sum(a) over (partition by b order by id rows between unbounded preceding and current row) as so_far from t

/* lineage
id INTEGER <- t.id
so_far HUGEINT <- aggregation t.a
rows
  window: t.b for so_far
  window: t.id for so_far
*/
