select t.id, u.e from t, u where t.id = u.id and exists (select 1 from unnest(t.l) as q(x) where q.x = u.a)

/* lineage
id INTEGER <- t.id
e VARCHAR <- u.e
rows
  filter: t.id
  filter: t.l
  filter: u.a
  filter: u.id
  unnest: t.l
*/
