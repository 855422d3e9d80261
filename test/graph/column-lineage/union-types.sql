select a from t union all select f from u

/* lineage
a DOUBLE <- transformation t.a, u.f
*/
