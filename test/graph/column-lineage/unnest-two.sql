select unnest(l) as item, unnest([a, id]) as other from t

/* lineage
item INTEGER <- transformation t.l
other INTEGER <- t.a, t.id
rows
  unnest: t.l
*/
