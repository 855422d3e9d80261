select t.id, x.y, z.w from t, lateral (select t.a + 1 as y) as x, lateral (select x.y * t.id as w) as z

/* lineage
id INTEGER <- t.id
y INTEGER <- transformation t.a
w INTEGER <- transformation t.a, transformation t.id
*/
