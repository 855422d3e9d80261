import { chmodSync, cpSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../../framework/duckdb/database.ts'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { stageMerge } from '../../framework/delta/merge.ts'
import { stageOptimize } from '../../framework/delta/optimize.ts'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import { deltaSchemaOf } from '../../framework/delta/schema.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import { append, newTable } from '../../framework/delta/stage.ts'
import type { TableChange } from '../../framework/delta/table-change.ts'
import { vacuum } from '../../framework/delta/vacuum.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import type { Connection } from '../../framework/duckdb/connection.ts'
import { ExplainedError } from '../../framework/vocabulary/errors.ts'

/** What became of one deed while one place of a table was closed. */
export interface Tried {
  readonly place: string
  /** Of its permissions. */
  readonly mode: number
  readonly deed: string
  /** `done`, or the code of the error; a stack where it was none that explains itself. */
  readonly outcome: string
  /** The rows that the deed read. */
  readonly result?: string | undefined
  readonly message?: string | undefined
  readonly hint?: string | undefined
  /** The version and the rows that are read afterwards, when the place is open again. */
  readonly version: number
  readonly rows: string
}

/** A process that gives up its rights and then does to a table all that can be done, with each place of it closed in turn. Prints what became of it. */
const [folder = '', user = '0'] = process.argv.slice(2)
// What is loaded from the project's folder is loaded while that may be read.
;(await Database.open()).close()
process.setgroups!([])
process.setgid!(Number(user))
process.setuid!(Number(user))
const database = await Database.open({ threads: 1 })

const ROWS = 'select 1 as id, 1 as p, 10 as v union all select 2, 1, 20 union all select 3, 2, 30'
const open = (root: string) => new DeltaTable(root, new LocalLogStore(root, { sync: 'none' }), database)
let tables = 0

async function made(): Promise<DeltaTable> {
  const table = open(join(folder, `t${(tables += 1)}`))
  await database.use(async c => {
    const schema = deltaSchemaOf(await c.describe(ROWS))
    const properties = { 'delta.enableChangeDataFeed': 'true', 'delta.checkpointInterval': '1000' }
    await table.commit(newTable({ schema, partitionColumns: ['p'], profile: 'modern', properties, files: await writeDataFiles(c, ROWS, { root: table.root, schema, partitionColumns: ['p'] }) }), undefined, { operation: 'CREATE' })
  })
  await commit(table, (c, base) => stageDelete(c, base, 'id = 2', { how: 'deletion-vectors' }).then(({ change }) => change))
  await table.checkpoint()
  await commit(table, async (c, base) => append(base, await writeDataFiles(c, 'select 4 as id, 2 as p, 40 as v', base)))
  return table
}

async function commit(table: DeltaTable, work: (connection: Connection, base: Snapshot) => Promise<TableChange>): Promise<void> {
  await database.use(async c => {
    const base = await table.snapshot()
    const outcome = await table.commit(await work(c, base), base, { operation: 'TRY' })
    if (outcome.status === 'conflict') throw new Error(JSON.stringify(outcome))
  })
}

const DEEDS: Readonly<Record<string, (table: DeltaTable) => Promise<unknown>>> = {
  append: table => commit(table, async (c, base) => append(base, await writeDataFiles(c, 'select 5 as id, 1 as p, 50 as v', base))),
  'append to a new partition': table => commit(table, async (c, base) => append(base, await writeDataFiles(c, 'select 6 as id, 3 as p, 60 as v', base))),
  'merge by vectors': table => commit(table, async (c, base) => (await stageMerge(c, base, 'select 1 as id, 1 as p, 11 as v', { on: ['id'] }, 'deletion-vectors')).change),
  'merge by copies': table => commit(table, async (c, base) => (await stageMerge(c, base, 'select 1 as id, 1 as p, 11 as v', { on: ['id'] }, 'copy-on-write')).change),
  delete: table => commit(table, async (c, base) => (await stageDelete(c, base, 'id = 3')).change),
  optimize: table => commit(table, async (c, base) => (await stageOptimize(c, base)).change),
  vacuum: async table => vacuum(await table.snapshot(), { retentionHours: 0, force: 'files of running writers may be lost', now: new Date(Date.now() + 60_000) }),
  checkpoint: table => table.checkpoint(),
  read: async table => rows(await table.snapshot()),
  history: table => table.history(),
  'read an old version': async table => rows(await table.snapshot({ version: 1 })),
}

const READS = ['append', 'delete', 'read', 'history', 'read an old version']
const WRITES = Object.keys(DEEDS).filter(deed => !deed.includes('read') && deed !== 'history')

const rows = (snapshot: Snapshot) => database.use(async c => JSON.stringify((await c.rows(`select id::int as id, v::int as v from (${await snapshot.scanSql()}) order by id`)).map(row => Object.values(row))))

function places(root: string, below = ''): string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap(entry => {
    const place = join(below, entry.name)
    return entry.isDirectory() ? [place, ...places(root, place)] : [place]
  })
}

async function tryAt(place: string, mode: number, deed: string): Promise<Tried> {
  const root = join(folder, `t${(tables += 1)}`)
  cpSync(sample.root, root, { recursive: true, preserveTimestamps: true })
  const closed = join(root, place)
  const before = statSync(closed).mode
  chmodSync(closed, mode)
  const found = await DEEDS[deed]!(open(root)).then(result => ({ outcome: 'done', result: typeof result === 'string' ? result : undefined }), (error: unknown) => error instanceof ExplainedError
    ? { outcome: error.code, message: error.message, hint: error.hint } : { outcome: error instanceof Error ? String(error.stack) : String(error) })
  chmodSync(closed, before)
  const after = await open(root).snapshot()
  return { place, mode, deed, ...found, version: after.version, rows: await rows(after) }
}

const sample = await made()
const all = ['', ...places(sample.root)]
const isFolder = (place: string) => statSync(join(sample.root, place)).isDirectory()
const tried: Tried[] = []
for (const place of all) {
  if (isFolder(place)) for (const deed of WRITES) tried.push(await tryAt(place, 0o555, deed))
  for (const deed of place === '' ? Object.keys(DEEDS) : READS) tried.push(await tryAt(place, 0, deed))
}
process.stdout.write(JSON.stringify(tried))
database.close()
