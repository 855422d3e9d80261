select id, what, one, other
from (select id, a, d, n, k
from (select u.id, u.a, u.d, v.n, v.k from u, v)) unpivot ((one, other) for what in ((a, d) as first, (n, d) as second))

/* lineage
id INTEGER <- u.id
what VARCHAR <-
one INTEGER <- u.a, v.n
other DATE <- u.d
rows
  filter: u.a
  filter: u.d
  filter: v.n
*/
