select t.t from (select a as t from t) as t

/* lineage
t INTEGER <- t.a
*/
