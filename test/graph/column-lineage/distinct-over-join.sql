select distinct v.k from t join v on t.id = v.id where t.ok

/* lineage
k VARCHAR <- v.k
rows
  distinct: v.k
  filter: t.ok
  join: t.id
  join: v.id
*/
