select a between id and 5 as inside from t

/* lineage
inside BOOLEAN <- transformation t.a, transformation t.id
*/
