select id, lag(b) over (order by id) as before, lead(a, 1, 0) over (order by id) as after from t

/* lineage
id INTEGER <- t.id
before VARCHAR <- transformation t.b
after INTEGER <- transformation t.a
rows
  window: t.id for before, after
*/
