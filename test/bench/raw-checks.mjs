import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

/** The promises of the benched table as a person would ask them, query by query. Prints the milliseconds that they took, and what is broken. */
const [lake] = process.argv.slice(2)
const files = table => `read_parquet([${readdirSync(join(lake, table), { recursive: true }).filter(file => file.endsWith('.parquet')).map(file => `'${join(lake, table, file)}'`).join(', ')}])`
const connection = await (await DuckDBInstance.create()).connect()
await connection.run(`create view sales as select * from ${files('silver/sales')}; create view shops as select * from ${files('bronze/shops')}`)

const where = condition => `select count(*) from sales where ${condition}`
const queries = [
  where('id is null'), where('amount is null'), where('shop is null'), where('status is null'), where('email is null'),
  'select count(*) from (select id from sales group by id having count(*) > 1)',
  `select count(*) from (select id, shop from sales group by id, shop having count(*) > 1)`,
  where("status is not null and status not in ('new', 'paid', 'sent')"), where('amount < 0 or amount > 1000000'), where('quantity < 1 or quantity > 100'), where(`"at" < '2020-01-01'`),
  where("email is not null and not regexp_full_match(email, '[a-z0-9]+@[a-z]+\\.com')"), where('length(email) < 5'), where('length(status) > 10'),
  'select count(*) from sales as child where shop is not null and not exists (select 1 from shops as parent where parent.shop = child.shop)',
  'select count(*) from sales', where('(amount >= quantity) is not true'), where("status = 'paid' and amount = 0"),
  'select max("at") from sales', 'select abs((select sum(quantity) from sales) - (select sum(quantity) from shops))', 'select avg(amount) from sales',
]
const started = performance.now()
for (const query of queries) await (await connection.runAndReadAll(query)).getRows()
console.log(JSON.stringify({ ms: performance.now() - started, queries: queries.length }))
