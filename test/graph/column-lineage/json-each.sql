select t.id, e.key, e.value from t, json_each(t.j) as e

/* lineage
id INTEGER <- t.id
key VARCHAR <- transformation t.j
value JSON <- transformation t.j
rows
  unnest: t.j
*/
