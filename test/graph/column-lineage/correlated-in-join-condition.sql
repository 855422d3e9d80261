select t.id, u.e from t join u on t.id = u.id and u.f = (select max(f) from u as w where w.id = t.id)

/* lineage
id INTEGER <- t.id
e VARCHAR <- u.e
rows
  filter: t.id
  filter: u.f
  filter: u.id
  join: t.id
  join: u.id
*/
