select if(ok, a, id) as v from t

/* lineage
v INTEGER <- transformation t.a, transformation t.id, transformation t.ok
*/
