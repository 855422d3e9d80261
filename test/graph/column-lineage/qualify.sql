select id, a from t qualify row_number() over (partition by b order by d desc, id) = 1

/* lineage
id INTEGER <- t.id
a INTEGER <- t.a
rows
  qualify: t.b
  qualify: t.d
  qualify: t.id
*/
