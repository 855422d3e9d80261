select x + 1 as y from (select a as x, b from t) as q

/* lineage
y INTEGER <- transformation t.a
*/
