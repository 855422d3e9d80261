select (select t.a + u.a from u where u.id = t.id order by f limit 1) as sum from t

/* lineage
sum INTEGER <- transformation t.a, transformation u.a
rows
  join: t.id for sum
  join: u.id for sum
  sort_limit: u.f for sum
*/
