select id, random() < 2 as always, current_date > date '2000-01-01' as later from t

/* lineage
id INTEGER <- t.id
always BOOLEAN <-
later BOOLEAN <-
*/
