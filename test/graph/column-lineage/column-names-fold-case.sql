select ID, B as "B" from T

/* lineage
id INTEGER <- t.id
B VARCHAR <- t.b
*/
