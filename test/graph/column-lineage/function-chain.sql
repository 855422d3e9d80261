select md5(concat(b, coalesce(j::varchar, ''))) as digest from t

/* lineage
digest VARCHAR <- transformation t.b, transformation t.j
*/
