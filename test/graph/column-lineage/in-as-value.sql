select id in (select id from u) as known from t

/* lineage
known BOOLEAN <- transformation t.id, transformation u.id
*/
