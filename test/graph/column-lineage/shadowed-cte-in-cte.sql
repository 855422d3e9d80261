with x as (select a as v from t), y as (with x as (select f as v from u) select v from x) select x.v as outer_v, y.v as inner_v from x, y

/* lineage
outer_v INTEGER <- t.a
inner_v DOUBLE <- u.f
*/
