select id, d, b, f from t asof left join u using (id, d)

/* lineage
id INTEGER <- t.id
d DATE <- t.d
b VARCHAR <- t.b
f DOUBLE <- u.f
rows
  join: t.d
  join: t.id
  join: u.d
  join: u.id
*/
