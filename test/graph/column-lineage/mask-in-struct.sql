select pack.p, pack.q from (select {'p': sha256(b), 'q': b} as pack from t)

/* lineage
p VARCHAR <- transformation masked t.b
q VARCHAR <- t.b
*/
