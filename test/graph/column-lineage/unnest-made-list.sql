select id, unnest([a, id]) as item from t

/* lineage
id INTEGER <- t.id
item INTEGER <- t.a, t.id
*/
