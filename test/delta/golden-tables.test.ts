import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { usesType } from '../../framework/delta/protocol.ts'
import { ExplainedError } from '../../framework/vocabulary/errors.ts'
import { quoteIdentifier } from '../../framework/vocabulary/sql.ts'
import { Rig } from './rig.ts'

interface Golden {
  readonly path: string
  readonly version?: number
  readonly rows?: number
  readonly expected?: string | null
  readonly refuse?: boolean
  readonly features?: string
}

/** Tables that Spark and others wrote. A new one is a new entry in the manifest there. */
const folder = join(import.meta.dirname, '../../../shared/delta-tables')
const manifest = [join(folder, 'manifest.json')].find(existsSync)
const tables = manifest ? (JSON.parse(readFileSync(manifest, 'utf8')) as { tables: Golden[] }).tables : []
const rig = new Rig()

describe.skipIf(!manifest)('a table that others wrote', () => {
  const home = join(manifest ?? '', '..')
  const open = (path: string) => new DeltaTable(join(home, path), new LocalLogStore(join(home, path)), rig.database)

  it.each(tables.filter(table => !table.refuse))('$path reads as its writer meant it', async ({ path, version, rows, expected }) => {
    const snapshot = await open(path).snapshot()
    if (version !== undefined) expect(snapshot.version).toBe(version)
    const readable = snapshot.schema.fields.filter(field => !usesType(field.type, 'variant'))
    const scan = await snapshot.scanSql({ columns: readable.map(field => field.name) })
    if (readable.length < snapshot.schema.fields.length) await expect(snapshot.scanSql()).rejects.toMatchObject({ code: 'delta/cannot-read' })
    await rig.database.use(async connection => {
      if (rows !== undefined) expect(Number((await connection.rows<{ n: bigint }>(`select count(*) as n from (${scan})`))[0]!.n)).toBe(rows)
      if (!expected) return
      const wanted = `select * from read_parquet('${join(home, expected)}/**/*.parquet', union_by_name=true, hive_partitioning=false)`
      const names = (await connection.describe(scan)).map(column => column.name)
      expect((await connection.describe(wanted)).map(column => column.name).sort()).toEqual([...names].sort())
      const columns = names.map(quoteIdentifier).join(', ')
      const ours = await connection.json(`select ${columns} from (${scan}) order by all`)
      expect(ours).toEqual(await connection.json(`select ${columns} from (${wanted}) order by all`))
    })
  })

  it.each(tables.filter(table => table.refuse))('$path is refused by name', async ({ path }) => {
    const refused = await open(path).snapshot().then(() => undefined, (error: unknown) => error)
    expect(refused).toBeInstanceOf(ExplainedError)
    expect((refused as ExplainedError).code).toMatch(/^delta\//)
  })
})
