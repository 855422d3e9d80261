select id, sum(a) over w as s, lag(c, 1, 0.0) over (w rows between 2 preceding and 1 preceding) as p
from t window w as (partition by b order by ts)

/* lineage
id INTEGER <- t.id
s HUGEINT <- aggregation t.a
p DECIMAL(18,2) <- transformation t.c
rows
  window: t.b for s, p
  window: t.ts for s, p
*/
