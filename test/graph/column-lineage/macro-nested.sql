select shout(b) as b from t

/* lineage
b VARCHAR <- transformation t.b
*/
