select w.p.q as q, w.r as r from (select {'p': {'q': a, 'z': b}, 'r': c} as w from t)

/* lineage
q INTEGER <- t.a
r DECIMAL(18,2) <- t.c
*/
