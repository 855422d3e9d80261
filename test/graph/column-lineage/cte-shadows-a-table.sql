with u as (select a as e from t) select e from u

/* lineage
e INTEGER <- t.a
*/
