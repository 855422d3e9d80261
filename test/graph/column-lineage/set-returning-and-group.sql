select item, count(*) as n from (select unnest(l) as item from t) group by item

/* lineage
item INTEGER <- transformation t.l
n BIGINT <-
rows
  group_by: t.l
  unnest: t.l
*/
