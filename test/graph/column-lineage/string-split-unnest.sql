select id, unnest(string_split(b, '-')) as part from t

/* lineage
id INTEGER <- t.id
part VARCHAR <- transformation t.b
rows
  unnest: t.b
*/
