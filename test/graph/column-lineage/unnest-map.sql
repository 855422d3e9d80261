select id, unnest(map_entries(m)) as entry from t

/* lineage
id INTEGER <- t.id
entry STRUCT("key" VARCHAR, "value" INTEGER) <- transformation t.m
rows
  unnest: t.m
*/
