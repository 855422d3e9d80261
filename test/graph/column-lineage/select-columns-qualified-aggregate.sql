select max(columns(u.* exclude (e, d))) from u

/* lineage
id INTEGER <- aggregation u.id
a INTEGER <- aggregation u.a
f DOUBLE <- aggregation u.f
*/
