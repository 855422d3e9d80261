select id, first_value(b) over w as f, last_value(c) over w as l, nth_value(a, 2) over w as n from t window w as (partition by ok order by id)

/* lineage
id INTEGER <- t.id
f VARCHAR <- transformation t.b
l DECIMAL(18,2) <- transformation t.c
n INTEGER <- transformation t.a
rows
  window: t.id for f, l, n
  window: t.ok for f, l, n
*/
