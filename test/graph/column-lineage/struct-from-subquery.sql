select pick.x, pick.y from (select (select {'x': a, 'y': e} from u order by f, id limit 1) as pick from v)

/* lineage
x INTEGER <- u.a
y VARCHAR <- u.e
rows
  sort_limit: u.f for x, y
  sort_limit: u.id for x, y
*/
