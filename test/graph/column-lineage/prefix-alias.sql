select total: a + id, label: b from t

/* lineage
total INTEGER <- transformation t.a, transformation t.id
label VARCHAR <- t.b
*/
