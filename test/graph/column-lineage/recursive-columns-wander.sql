with recursive r(x, y, z, n) as (select id, a, id + a, 0 from t union all select y, z, x, n + 1 from r where n < 3) select x from r

/* lineage
x INTEGER <- transformation t.a, transformation t.id
*/
