select e.id, unnest(map_entries(m)).key as k, unnest(map_keys(m)) as k2 from t as e

/* lineage
id INTEGER <- t.id
k VARCHAR <- transformation t.m
k2 VARCHAR <- transformation t.m
rows
  unnest: t.m
*/
