with recursive r(n) as (select id from t union select n + 1 from r where n < 4) select n from r

/* lineage
n INTEGER <- transformation t.id
rows
  filter: t.id
  set_operation: t.id
*/
