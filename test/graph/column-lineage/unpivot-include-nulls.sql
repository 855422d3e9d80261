select what, amount from (select id, a from t) unpivot include nulls (amount for what in (id, a))

/* lineage
what VARCHAR <-
amount INTEGER <- t.a, t.id
*/
