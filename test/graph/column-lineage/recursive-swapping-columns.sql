with recursive r(x, y, n) as (select a, id, 1 from u union all select y, x, n + 1 from r where n < 3) select x from r

/* lineage
x INTEGER <- u.a, u.id
*/
