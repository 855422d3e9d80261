select * from (pivot (select b, ok, a from t) on b in ('x', 'y'), ok in (true) using sum(a))

/* lineage
x_true HUGEINT <- aggregation t.a
y_true HUGEINT <- aggregation t.a
rows
  filter: t.b for x_true, y_true
  filter: t.ok for x_true, y_true
*/
