import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { dist } from '../planning/dist.mjs'
import { against } from './figures.mjs'
import { AS_FILES, batchOf, COLUMNS, rowsOf, TARGET } from './rows.mjs'

/** Creates, merges, scans and histories, each against the raw operation. Leaves the table in `folder/table` and what it was made from in `folder/raw`. */
export async function dataBench(connection, database, folder, { rounds, rows }) {
  const [{ contentHash }, { DeltaTable }, { LocalLogStore }, { stageMerge, stageUpsert }, { deltaSchemaOf }, { newTable }, { writeDataFiles }] = await Promise.all(
    ['content-hash', 'delta-table', 'local-log-store', 'merge', 'schema', 'stage', 'write-data-files'].map(name => dist(`delta/${name}.js`)))
  await connection.run(`create temp table source as ${rowsOf(rows)}`)
  await connection.run(`create temp table batch as ${batchOf(rows)}`)
  const raw = join(folder, 'raw')
  const schema = deltaSchemaOf(await connection.describe('from source'))
  const create = async root => {
    const table = new DeltaTable(root, new LocalLogStore(root), database)
    const files = await writeDataFiles(connection, 'from source', { root, schema, partitionColumns: [] }, { targetFileSize: TARGET })
    await table.commit(newTable({ schema, files, profile: 'modern' }), undefined, { operation: 'CREATE TABLE AS SELECT' })
    return table
  }
  const rawCopy = () => connection.run(`copy source to '${raw}' ${AS_FILES}`)
  const table = await create(join(folder, 'table'))
  const base = await table.snapshot()
  const scan = await base.scanSql()
  const other = join(folder, 'other')
  const lines = await against({
    'raw COPY': { deed: rawCopy },
    create: { deed: () => create(other), after: () => rmSync(other, { recursive: true, force: true }), aim: 1.1 },
    'content hash of the table': { deed: () => contentHash(connection, scan, schema), aim: 0.1 },
  }, { rounds })

  const changed = COLUMNS.map(name => `case when u.id is not null then u.${name} else t.${name} end as ${name}`).join(', ')
  const merging = how => [connection, base, 'from batch', { on: ['id'] }, how]
  lines.push(...await against({
    'raw copy-on-write': { deed: () => connection.run(`copy (select ${changed} from read_parquet('${raw}/*.parquet') as t full join batch as u on t.id = u.id) to '${join(folder, 'rewritten')}' ${AS_FILES}`) },
    '100,000 random rows by deletion vectors': { deed: () => stageUpsert(...merging('deletion-vectors')), aim: 0.15 },
    'the same, rows compared and hashed': { deed: () => stageMerge(...merging('deletion-vectors')), aim: 0.15 },
    'the same by copy-on-write': { deed: () => stageMerge(...merging('copy-on-write')) },
  }, { rounds }))

  const after = base.with((await stageUpsert(...merging('deletion-vectors'))).change)
  const query = from => connection.rows(`select sum(n) as n, min(category) as c, sum(d) as d from (${from})`)
  lines.push(...await against({
    'raw scan of 3 columns': { deed: () => query(`from read_parquet('${raw}/*.parquet')`) },
    'scan of the table': { deed: async () => query(await base.scanSql()) },
    'scan after the merge': { deed: async () => query(await after.scanSql()), aim: 2 },
  }, { rounds }))
  lines.push(...await historyBench(connection, database, folder, { rounds, rows }))
  for (const name of ['source', 'batch']) await connection.run(`drop table ${name}`)
  return lines
}

/** A tenth of the keys change: the old versions end, the new ones begin. Raw: a join that finds the old ones, and a COPY of both. */
async function historyBench(connection, database, folder, { rounds, rows }) {
  const [{ DeltaTable }, { LocalLogStore }, { deltaSchemaOf }, { historySchema, stageScd2 }] = await Promise.all(
    ['delta/delta-table', 'delta/local-log-store', 'delta/schema', 'storage/scd2'].map(name => dist(`${name}.js`)))
  await connection.run(`create temp table past as ${rowsOf(rows, 'i', "timestamptz '2024-01-01'")}`)
  await connection.run(`create temp table told as ${batchOf(rows, rows / 10, "timestamptz '2025-01-01'")}`)
  const key = 'silver/history'
  const root = join(folder, 'history')
  const schema = historySchema(key, deltaSchemaOf(await connection.describe('from past')))
  const write = { mode: 'scd2', on: ['id'], changedBy: 'ts', deletes: 'ignore' }
  const stage = (base, source) => stageScd2(connection, base, source, write, { key, schema, now: new Date('2025-06-01') })
  const table = new DeltaTable(root, new LocalLogStore(root), database)
  const { change } = await stage({ root, schema, profile: 'modern', properties: { 'delta.targetFileSize': String(TARGET) } }, 'from past')
  await table.commit(change, undefined, { operation: 'CREATE TABLE AS SELECT' })
  const base = await table.snapshot()
  await connection.run(`copy (${await base.scanSql()}) to '${join(folder, 'past')}' ${AS_FILES}`)
  const lines = await against({
    'raw join and COPY of what ends and what begins': { deed: () => connection.run(`copy (
      select ${COLUMNS.map(name => `t.${name}`).join(', ')}, t.valid_from, b.ts as valid_to, false as is_current from read_parquet('${join(folder, 'past')}/*.parquet') as t join told as b on t.id = b.id where t.is_current and b.ts > t.valid_from
      union all select *, ts, null, true from told) to '${join(folder, 'ended')}' ${AS_FILES}`) },
    'a history (scd2) with a tenth of its keys changed': { deed: () => stage(base, 'from told'), aim: 1.2 },
  }, { rounds })
  for (const name of ['past', 'told']) await connection.run(`drop table ${name}`)
  rmSync(root, { recursive: true, force: true })
  return lines
}
