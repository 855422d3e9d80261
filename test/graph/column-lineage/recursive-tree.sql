with recursive r as (select employee_id, manager_id, name, 0 as depth from "silver/employees" where manager_id is null union all select e.employee_id, e.manager_id, r.name || '/' || e.name, r.depth + 1 from "silver/employees" as e join r on e.manager_id = r.employee_id where r.depth < 4) select employee_id, name, depth from r

/* lineage
employee_id INTEGER <- silver/employees.employee_id
name VARCHAR <- transformation silver/employees.name
depth INTEGER <-
rows
  filter: silver/employees.manager_id
  join: silver/employees.employee_id
  join: silver/employees.manager_id
*/
