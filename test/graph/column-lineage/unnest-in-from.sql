select id, item from t, unnest(l) as w(item)

/* lineage
id INTEGER <- t.id
item INTEGER <- transformation t.l
rows
  unnest: t.l
*/
