with x as (select id, a * 2 as y from t), z as (select y + 1 as w, id from x) select w from z where id > 1

/* lineage
w INTEGER <- transformation t.a
rows
  filter: t.id
*/
