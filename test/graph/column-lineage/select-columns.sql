select id, b from t

/* lineage
id INTEGER <- t.id
b VARCHAR <- t.b
*/
