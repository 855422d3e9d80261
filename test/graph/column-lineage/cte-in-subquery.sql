select q.y from (with x as (select a as y from t) select y from x) as q

/* lineage
y INTEGER <- t.a
*/
