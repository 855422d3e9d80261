select 'x' as label, count(*) as n from t group by 1

/* lineage
label VARCHAR <-
n BIGINT <-
*/
