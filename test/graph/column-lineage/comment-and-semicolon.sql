-- the label only
select b /* not a */ from t;

/* lineage
b VARCHAR <- t.b
*/
