select t.e from u as t join t as u on t.id = u.id where u.b = 'x'

/* lineage
e VARCHAR <- u.e
rows
  filter: t.b
  join: t.id
  join: u.id
*/
