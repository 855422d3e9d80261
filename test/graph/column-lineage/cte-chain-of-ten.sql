with c1 as (select id, a, b from t),
  c2 as (select id, a + 1 as a, b from c1),
  c3 as (select b, sum(a) as a, min(id) as id from c2 group by b),
  c4 as (select id, a, b || '!' as b from c3 where a > 2),
  c5 as (select * from c4),
  c6 as (select id as b, b as id, a from c5),
  c7 as (select c6.*, u.f from c6 join u on u.id = c6.b),
  c8 as (select *, rank() over (order by f) as r from c7),
  c9 as (select * exclude (f) from c8 where r < 5),
  c10 as (select distinct id, a, r from c9)
select id as word, a as total, r from c10

/* lineage
word VARCHAR <- transformation t.b
total HUGEINT <- aggregation t.a
r BIGINT <-
rows
  distinct: t.a
  distinct: t.b
  filter: t.a
  group_by: t.b
  join: t.id
  join: u.id
  window: u.f
*/
