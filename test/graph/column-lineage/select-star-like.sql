select * like 'd%' from u

/* lineage
d DATE <- u.d
*/
