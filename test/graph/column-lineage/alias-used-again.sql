select a + 1 as next, next * 2 as twice, twice - a as thrice from t

/* lineage
next INTEGER <- transformation t.a
twice INTEGER <- transformation t.a
thrice INTEGER <- transformation t.a
*/
