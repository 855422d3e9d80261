with recursive walk(start, now, path) as (select employee_id, manager_id, [employee_id]
from "silver/employees"
union all select w.start, e.manager_id, list_append(w.path, e.employee_id)
from walk w
join "silver/employees" e on e.employee_id = w.now
where not list_contains(w.path, e.employee_id)) select start, path
from walk

/* lineage
start INTEGER <- silver/employees.employee_id
path INTEGER[] <- transformation silver/employees.employee_id
rows
  filter: silver/employees.employee_id
  join: silver/employees.employee_id
  join: silver/employees.manager_id
*/
