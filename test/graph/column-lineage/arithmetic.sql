select a + id * 2 as n, -a as minus, c / 3 as third from t

/* lineage
n INTEGER <- transformation t.a, transformation t.id
minus INTEGER <- transformation t.a
third DOUBLE <- transformation t.c
*/
