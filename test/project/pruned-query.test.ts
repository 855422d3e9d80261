import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

const SALES = "select i as id, date '2026-03-01' + cast(i % 5 as integer) as day, i * 1.5 as amount, {'day': i % 3} as day_of, case when i % 4 > 0 then 'n' || i end as name from range(40) r(i)"

function sales(): ProjectRig {
  rig = new ProjectRig({
    'assets/gold/sales.ts': module('Asset, SqlAsset, overwritePartition, sql', `
/** One row per sale. */
@Asset({ key: 'gold/sales', write: overwritePartition({ by: ['day'] }) })
export class Sales extends SqlAsset {
  query() { return sql\`${SALES}\` }
}`),
    'assets/gold/days.ts': module('Asset, SqlAsset, sql', `
/** One row per day. */
@Asset({ key: 'gold/days' })
export class Days extends SqlAsset {
  query() { return sql\`select date '2026-03-01' + cast(i as integer) as day, 'day ' || i as name from range(7) r(i)\` }
}`),
  })
  return rig
}

describe('a query of the lake', () => {
  it('[Q12-d] reads only the partitions and files that its conditions leave', async () => {
    sales()
    await rig.run()
    for (const folder of readdirSync(join(rig.lake, 'gold/sales')).filter(name => name.startsWith('day=') && name !== 'day=2026-03-02')) rmSync(join(rig.lake, 'gold/sales', folder), { recursive: true })
    for (const query of [
      `select count(*)::integer as n from "gold/sales" where day = '2026-03-02'`,
      `select count(*)::integer as n from gold.sales as s where s.day = date '2026-03-02' and amount >= 0`,
      `with chosen as (select * from "gold/sales" where day between '2026-03-02' and '2026-03-02') select count(*)::integer as n from chosen`,
      `select count(*)::integer as n from "gold/sales" as s join "gold/days" as d on d.day = s.day where s.day in ('2026-03-02')`,
      `select count(*)::integer as n from "gold/sales" as s left join "gold/days" as d on d.day = s.day where s.day = '2026-03-02'`,
    ]) expect([query, await rig.rows(query)]).toEqual([query, [{ n: 8 }]])
    await expect(rig.rows('select count(*) as n from "gold/sales"')).rejects.toThrow()
  })

  it('gives the rows that it would give of all files', async () => {
    sales()
    await rig.run()
    const database = await Database.open()
    try {
      await database.use(async connection => {
        await connection.run(`create table "gold/sales" as ${SALES}; create table "gold/days" as select date '2026-03-01' + cast(i as integer) as day, 'day ' || i as name from range(7) r(i)`)
        for (const query of QUERIES) expect([query, await rig.rows(query)]).toEqual([query, await connection.json(query)])
      })
    } finally {
      database.close()
    }
  })
})

/** What a filter may not be taken from, or not alone. */
const QUERIES = [
  `select d.name, s.id::integer as id from "gold/days" as d left join "gold/sales" as s on s.day = d.day and s.id < 5 where s.day is null order by all`,
  `select d.name, s.id::integer as id from "gold/days" as d left join "gold/sales" as s on s.day = d.day where s.day = '2026-03-03' or s.day is null order by all`,
  `select d.name from "gold/sales" as s right join "gold/days" as d on s.day = d.day where s.name is null order by all`,
  `select d.name, s.id::integer as id from "gold/sales" as s full join "gold/days" as d on s.day = d.day where s.day is null order by all`,
  `select name from "gold/days" as d where not exists (select 1 from "gold/sales" as s where s.day = d.day and s.day > '2026-03-03') order by all`,
  `select d.name from "gold/days" as d anti join "gold/sales" as s on s.day = d.day where d.day > '2026-03-02' order by all`,
  `select d.name from "gold/days" as d semi join "gold/sales" as s on s.day = d.day where d.day > '2026-03-02' order by all`,
  `select count(*)::integer as n from "gold/sales" where day = '2026-03-01' or amount > 50`,
  `select (select count(*)::integer from "gold/sales" where day = '2026-03-01') as one, (select count(*)::integer from "gold/sales" where day = '2026-03-02') as two`,
  `select day_of.day::integer as of, count(*)::integer as n from "gold/sales" where day_of.day = 1 group by all`,
  `select count(*)::integer as n from "gold/sales" as day_of where day_of.day = '2026-03-02'`,
  `select id::integer as id from "gold/sales" as s(id, sold, amount, day) where day.day = 1 and id < 7 order by id`,
  `select (id * 2)::integer as amount from "gold/sales" where amount = 3 order by all`,
  `select day, count(*)::integer as n from "gold/sales" where day >= '2026-03-03' group by day having count(*) > 3 order by day`,
  `select day, sum(amount)::integer as total, row_number() over (order by day)::integer as place from "gold/sales" where name is not null and day <= '2026-03-02' group by day order by day`,
  `select count(*)::integer as n from "gold/sales" as s natural join (select day from "gold/days") as d where day = '2026-03-02'`,
  `select count(*)::integer as n from "gold/sales" as s join "gold/days" as d using (day) where day < '2026-03-02'`,
  `select day, d.name, s.id::integer as id from "gold/sales" as s right join "gold/days" as d using (day) where day is null or day > '2026-03-04' order by all`,
  `select day, d.name, s.id::integer as id from "gold/days" as d left join "gold/sales" as s using (day) where day > '2026-03-04' order by all`,
  `select day, s.id::integer as id from (select * from "gold/sales" where id < 3) as s natural right join (select day from "gold/days") as d where s.day is null order by all`,
  `select count(*)::integer as n from "gold/sales" where not (day = '2026-03-01')`,
  `select count(*)::integer as n from "gold/sales" where day = '2026-03-01' and day = '2026-03-02'`,
  `select count(*)::integer as n from "gold/sales" where (day, id) in (select day, 1 from "gold/days")`,
  `select count(*)::integer as n from "gold/sales", "gold/days" as d where "gold/sales".day = d.day and d.name = 'day 1'`,
  `from "gold/sales" select count(*)::integer as n where day = '2026-03-04'`,
  `with recursive back(day) as (select date '2026-03-05' union all select cast(day - interval 1 day as date) from back where day > '2026-03-03') select count(*)::integer as n from "gold/sales" where day in (select day from back)`,
  `select count(*)::integer as n from "gold/sales" where day = '2026-03-01' union all select count(*)::integer from "gold/days" where day = '2026-03-01'`,
]
