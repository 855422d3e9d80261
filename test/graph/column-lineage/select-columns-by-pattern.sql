select columns('^(id|a)$') from t

/* lineage
id INTEGER <- t.id
a INTEGER <- t.a
*/
