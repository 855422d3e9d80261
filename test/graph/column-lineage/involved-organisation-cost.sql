-- What each manager's whole tree earns.
with recursive below(boss, employee_id, depth) as (
  select employee_id, employee_id, 0 from "silver/employees"
  union all
  select b.boss, e.employee_id, b.depth + 1
  from below as b join "silver/employees" as e on e.manager_id = b.employee_id
  where b.depth < 3)
select m.name, m.title, count(*) as people, sum(e.salary) as cost, max(b.depth) as levels
from below as b
join "silver/employees" as e on e.employee_id = b.employee_id
join "silver/employees" as m on m.employee_id = b.boss
group by m.employee_id, m.name, m.title

/* lineage
name VARCHAR <- silver/employees.name
title VARCHAR <- silver/employees.title
people BIGINT <-
cost DECIMAL(38,2) <- aggregation silver/employees.salary
levels INTEGER <-
rows
  group_by: silver/employees.employee_id
  group_by: silver/employees.name
  group_by: silver/employees.title
  join: silver/employees.employee_id
  join: silver/employees.manager_id
*/
