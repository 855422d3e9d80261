with x as (select a, b from t where ok) select a + 1 as a1, b from x

/* lineage
a1 INTEGER <- transformation t.a
b VARCHAR <- t.b
rows
  filter: t.ok
*/
