with recursive r as (select 1 as n union all select n + 1 from r where n < (select max(a) from t)) select n from r

/* lineage
n INTEGER <-
rows
  filter: t.a
*/
