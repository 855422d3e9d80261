select sha256(b) || b as leaky, sha256(b) || sha256(j) as safe from t

/* lineage
leaky VARCHAR <- transformation t.b
safe VARCHAR <- transformation masked t.b, transformation masked t.j
*/
