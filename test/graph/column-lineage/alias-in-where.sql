select a * 2 as double_a from t where double_a > 4

/* lineage
double_a INTEGER <- transformation t.a
rows
  filter: t.a
*/
