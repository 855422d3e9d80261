select (select e from u order by f desc, id limit 1) as e from v

/* lineage
e VARCHAR <- u.e
rows
  sort_limit: u.f for e
  sort_limit: u.id for e
*/
