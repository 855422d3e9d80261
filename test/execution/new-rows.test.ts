import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { between, expression, masked, matches, notNull, oneOf, primaryKey, recent, relationship, rowCount, unique } from '../../framework/definition/common-checks.ts'
import type { AssetDefinition } from '../../framework/definition/asset-definition.ts'
import type { CheckDefinition } from '../../framework/definition/check-definition.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { DuckDbEngine } from '../../framework/engines/duckdb-engine.ts'
import { lookedAt } from '../../framework/execution/looked-at.ts'
import { staysKept } from '../../framework/execution/new-rows.ts'
import { NO_GUARANTEES } from '../../framework/graph/query-guarantees.ts'
import type { Candidate } from '../../framework/storage/candidate.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { sql } from '../../framework/vocabulary/sql.ts'

let database: Database
beforeAll(async () => void (database = await Database.open()))
afterAll(() => database.close())

const TABLE = { key: 'silver/orders' as AssetKey }
const OLD = `select i as id, 'A' as kind from range(100) as r(i) union all select null, '?'`
const NEW = `select 200 as id, 'A' as kind union all select 7, '!'`
const CHECKS = [notNull('id'), oneOf('kind', ['A']), unique('id'), primaryKey(['id', 'kind']), expression('small', sql`id < 150`), recent('id', { days: 3 }), rowCount({ min: 1 }), relationship('kind', () => undefined as never)]

/** The rows that break each promise, of a table with broken rows among those that it had before. */
async function found(kept: readonly CheckDefinition[]) {
  const session = await new DuckDbEngine(database).open([{ name: TABLE.key, relation: () => Promise.resolve(`${OLD} union all ${NEW}`) }], new AbortController().signal)
  try {
    const candidate = { rows: 103, added: { rows: 2, to: 4, relation: () => Promise.resolve(NEW) } } as Partial<Candidate> as Candidate
    const checked = { definition: { key: TABLE.key } as AssetDefinition, table: TABLE, rows: 103, facts: () => undefined, guarantees: NO_GUARANTEES }
    const asked = CHECKS.filter(({ rule }) => !['recent', 'row-count', 'relationship'].includes(rule.kind))
    const known = await lookedAt(asked, candidate, checked, { session, now: new Date(), keptAt: version => new Set(version === 4 ? kept.map(({ name }) => name) : []) } as Partial<Parameters<typeof lookedAt>[3]> as Parameters<typeof lookedAt>[3])
    return Object.fromEntries([...known].map(([{ rule }, { rows }]) => [rule.kind, rows]))
  } finally {
    await session.close()
  }
}

describe('promises of which the published version broke none', () => {
  it('are held to the rows that are new, and keys to those that share one with them', async () => {
    expect(await found(CHECKS)).toEqual({ 'not-null': 0, 'one-of': 1, 'unique': 1, 'primary-key': 0, 'expression': 1 })
  })

  it('are the only ones: the others are held to all rows', async () => {
    expect(await found([unique('id')])).toEqual({ 'not-null': 1, 'one-of': 2, 'unique': 1, 'expression': 2 })
  })

  it('are those that a row keeps by itself and for ever', () => {
    const kept = [notNull('a'), oneOf('a', ['x']), between('a', { min: 1 }), matches('a', /x/), masked('a', /x/), unique('a'), primaryKey('a'), expression('e', sql`upper(a) = 'X'`), notNull('a', { where: sql`b > 1 and length(c) = 2` })]
    expect(kept.filter(check => !staysKept(check))).toEqual([])
    const others = [recent('a', { days: 1 }), rowCount({ min: 1 }), relationship('a', () => undefined as never), expression('e', sql`a > current_date`), expression('e', sql`a < now()`), expression('e', sql`a in (select b from c)`), expression('e', sql`random() < 1`), notNull('a', { where: sql`a < today()` }), unique('a', { where: sql`sum(a) over () > 1` })]
    expect(others.filter(staysKept)).toEqual([])
  })
})
