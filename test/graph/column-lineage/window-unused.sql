select id from (select id, row_number() over (order by c) as n from t)

/* lineage
id INTEGER <- t.id
*/
