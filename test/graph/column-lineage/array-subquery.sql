select id, array(select e from u where u.id = t.id order by f) as all_e from t

/* lineage
id INTEGER <- t.id
all_e VARCHAR[] <- aggregation u.e
rows
  join: t.id for all_e
  join: u.id for all_e
  sort_limit: u.f for all_e
*/
