select struct_insert(s, extra := a) as wider from t

/* lineage
wider STRUCT(x INTEGER, y STRUCT(z VARCHAR), extra INTEGER) <- transformation t.a, transformation t.s
*/
