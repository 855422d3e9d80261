select sha256(b) as x from t union all select e from u

/* lineage
x VARCHAR <- transformation masked t.b, u.e
*/
