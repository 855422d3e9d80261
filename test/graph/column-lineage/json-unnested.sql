select id, unnest(from_json(j, '["integer"]')) as q, j ->> '$.p' as p from t

/* lineage
id INTEGER <- t.id
q INTEGER <- transformation t.j
p VARCHAR <- transformation t.j
rows
  unnest: t.j
*/
