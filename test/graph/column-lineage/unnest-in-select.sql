select id, unnest(l) as item from t

/* lineage
id INTEGER <- t.id
item INTEGER <- transformation t.l
rows
  unnest: t.l
*/
