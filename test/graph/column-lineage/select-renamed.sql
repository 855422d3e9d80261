select a as amount, b as "Label ""of"" it" from t

/* lineage
amount INTEGER <- t.a
Label "of" it VARCHAR <- t.b
*/
