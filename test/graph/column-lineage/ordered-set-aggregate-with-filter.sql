select percentile_disc(0.9) within group (order by f) filter (where e <> 'x') as high from u

/* lineage
high DOUBLE <- aggregation u.f
rows
  filter: u.e for high
*/
