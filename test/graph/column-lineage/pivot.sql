select * from (pivot v on k in ('x', 'y') using sum(n) group by id)

/* lineage
id INTEGER <- v.id
x HUGEINT <- aggregation v.n
y HUGEINT <- aggregation v.n
rows
  filter: v.k for x, y
  group_by: v.id
*/
