select * from (pivot t on b in ('x', 'y') using sum(a) as total, max(d) as newest group by ok)

/* lineage
ok BOOLEAN <- t.ok
x_total HUGEINT <- aggregation t.a
x_newest DATE <- aggregation t.d
y_total HUGEINT <- aggregation t.a
y_newest DATE <- aggregation t.d
rows
  filter: t.b for x_total, x_newest, y_total, y_newest
  group_by: t.ok
*/
