select pair.p, pair.q from (select {'p': a, 'q': b} as pair from t)

/* lineage
p INTEGER <- t.a
q VARCHAR <- t.b
*/
