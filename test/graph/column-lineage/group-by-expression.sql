select year(d) as year, count(*) as n from t group by year(d)

/* lineage
year BIGINT <- transformation t.d
n BIGINT <-
rows
  group_by: t.d
*/
