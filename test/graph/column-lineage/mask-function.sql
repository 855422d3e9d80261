select id, sha256(b) as hidden, b as plain from t

/* lineage
id INTEGER <- t.id
hidden VARCHAR <- transformation masked t.b
plain VARCHAR <- t.b
*/
