select * from (pivot t on year(d) in (2024, 2025) using count(id) group by ok)

/* lineage
ok BOOLEAN <- t.ok
2024 BIGINT <- aggregation t.id
2025 BIGINT <- aggregation t.id
rows
  filter: t.d for 2024, 2025
  group_by: t.ok
*/
