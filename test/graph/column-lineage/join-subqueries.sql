select p.s, q.e from (select id, sum(a) as s from t group by id) as p join (select id, min(e) as e from u group by id) as q using (id)

/* lineage
s HUGEINT <- aggregation t.a
e VARCHAR <- aggregation u.e
rows
  group_by: t.id
  group_by: u.id
  join: t.id
  join: u.id
*/
