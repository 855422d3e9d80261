select "sum.of a", "größe.x" as "y.z" from (select a as "sum.of a", c as "größe.x" from t) as "in.ner" where "in.ner"."sum.of a" > 1

/* lineage
sum.of a INTEGER <- t.a
y.z DECIMAL(18,2) <- t.c
rows
  filter: t.a
*/
