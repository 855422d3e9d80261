select k, e from u natural join v

/* lineage
k VARCHAR <- v.k
e VARCHAR <- u.e
rows
  join: u.id
  join: v.id
*/
