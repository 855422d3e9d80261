select id, w.double_a from t, lateral (select a * 2 as double_a) as w

/* lineage
id INTEGER <- t.id
double_a INTEGER <- transformation t.a
*/
