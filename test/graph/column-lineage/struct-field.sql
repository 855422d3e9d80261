select s.x, s.y.z as z, s['x'] as again from t

/* lineage
x INTEGER <- transformation t.s
z VARCHAR <- transformation t.s
again INTEGER <- transformation t.s
*/
