select unnest(s) from t

/* lineage
x INTEGER <- transformation t.s
y STRUCT(z VARCHAR) <- transformation t.s
*/
