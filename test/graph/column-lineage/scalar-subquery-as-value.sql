select id, (select max(f) from u) as top from t

/* lineage
id INTEGER <- t.id
top DOUBLE <- aggregation u.f
*/
