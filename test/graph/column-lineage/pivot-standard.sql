select * from v pivot (sum(n) for k in ('x', 'y') group by id)

/* lineage
id INTEGER <- v.id
x HUGEINT <- aggregation v.n
y HUGEINT <- aggregation v.n
rows
  filter: v.k for x, y
  group_by: v.id
*/
