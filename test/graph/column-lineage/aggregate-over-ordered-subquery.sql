select list(b) as bs from (select b from t order by d, id)

/* lineage
bs VARCHAR[] <- aggregation t.b
rows
  sort_limit: t.d
  sort_limit: t.id
*/
