select id, last_value(a ignore nulls) over (order by id) as filled from t

/* lineage
id INTEGER <- t.id
filled INTEGER <- transformation t.a
rows
  window: t.id for filled
*/
