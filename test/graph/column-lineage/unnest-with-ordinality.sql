select id, item, pos from t, unnest(l) with ordinality as w(item, pos)

/* lineage
id INTEGER <- t.id
item INTEGER <- transformation t.l
pos BIGINT <- transformation t.l
rows
  unnest: t.l
*/
