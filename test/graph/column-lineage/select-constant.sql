select 1 as one, 'x' as letter, null as nothing from t

/* lineage
one INTEGER <-
letter VARCHAR <-
nothing INTEGER <-
*/
