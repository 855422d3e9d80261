select id, item from t left join unnest(l) as w(item) on true

/* lineage
id INTEGER <- t.id
item INTEGER <- transformation t.l
rows
  unnest: t.l
*/
