import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runQuery } from '../../framework/engines/athena-answer.ts'
import { AthenaQueries } from '../../framework/engines/athena-queries.ts'
import type { AthenaSettings } from '../../framework/engines/athena-settings.ts'
import { AthenaServer, type AthenaServerOptions, type Outcome, RetryableFailure } from '../rig/athena-server.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { until } from '../rig/gate.ts'

let server: AthenaServer
let queries: AthenaQueries
let asked: number

beforeEach(() => {
  Object.assign(process.env, AWS_FOR_TESTS)
  asked = 0
})
afterEach(async () => {
  queries.close()
  await server.stop()
})

async function start(options: AthenaServerOptions, settings: Partial<AthenaSettings> = {}): Promise<void> {
  server = await AthenaServer.start(options)
  queries = new AthenaQueries({ workgroup: 'analysts', database: 'lake', catalog: 'AwsDataCatalog', region: 'eu-central-1', endpoint: server.endpoint, timeoutMinutes: 5, instants: 'refuse', poll: { first: 5, most: 20 }, ...settings })
  server.workgroups.set('analysts', server.workgroups.get('primary')!)
}

const run = (limit = 10_000) => runQuery(queries, 'select 1', { token: `varve-${String(asked += 1).padStart(40, '0')}`, limit, signal: new AbortController().signal })

const COLUMNS = [{ Name: 'id', Type: 'bigint' }, { Name: 'name', Type: 'varchar' }, { Name: 'name', Type: 'varchar' }, { Name: 'amount', Type: 'decimal', Precision: 20, Scale: 2 }]
const NAMES = [null, '', 'name', 'Ünï "☃" 🧊', 'a\nb,c\t', 'NULL', '\\N']
const row = (i: number): (string | null)[] => [i === 7 ? null : String(9007199254740000 + i), NAMES[i % NAMES.length]!, i % 2 === 0 ? null : 'x', `${i}.10`]

describe('what a query answers by Athena', () => {
  it.each([{ page: 1000 }, { page: 1 }, { page: 999, emptyFirst: true }])('is whole over all its pages, NULL and empty text and every sign included: %j', async options => {
    const many = options.page === 1 ? 40 : 2500
    await start({ ...options, execute: async () => ({ columns: COLUMNS, rows: Array.from({ length: many }, (_, i) => row(i)) }) })
    server.faults.push({ call: 'GetQueryResults', how: 'throttle', times: 1 }, { call: 'GetQueryResults', how: 'drop', times: 1 })
    const { columns, rows, truncated } = await run()
    expect(columns).toEqual([{ name: 'id', type: 'bigint' }, { name: 'name', type: 'varchar' }, { name: 'name_1', type: 'varchar' }, { name: 'amount', type: 'decimal(20,2)' }])
    const number = (text: string | null) => (text === null ? null : Number.isSafeInteger(Number(text)) ? Number(text) : text)
    expect(rows).toEqual(Array.from({ length: many }, (_, i) => row(i)).map(([id, name, other, amount]) => ({ id: number(id!), name, name_1: other, amount })))
    expect(truncated).toBe(false)
  })

  it('is cut where more rows come than are wanted, and nothing where there is no row', async () => {
    const outcomes: Outcome[] = [{ columns: COLUMNS, rows: Array.from({ length: 2500 }, (_, i) => row(i)) }, { columns: COLUMNS, rows: Array.from({ length: 1000 }, (_, i) => row(i)) }, { columns: COLUMNS, rows: [] }]
    await start({ execute: async () => outcomes[server.queries.size - 1]! })
    const told = async () => run(1000).then(({ rows, truncated }) => [rows.length, truncated])
    expect([await told(), await told(), await told()]).toEqual([[1000, true], [1000, false], [0, false]])
  })

  it('says whose limit it was that stopped it, and whether another try may go well', async () => {
    await start({ execute: async () => {
      throw server.queries.size === 1 ? new RetryableFailure('GENERIC_INTERNAL_ERROR: Query exhausted resources at this scale factor') : new Error('SYNTAX_ERROR: line 1:8: Column \'x\' cannot be resolved')
    } })
    await expect(run()).rejects.toMatchObject({ code: 'engines/job-failed', transient: true, hint: expect.stringContaining('another try') })
    await expect(run()).rejects.toMatchObject({ code: 'engines/job-failed', transient: false })
    server.queue.hold()
    const limited = run().catch((error: unknown) => error)
    await until(() => server.queries.size === 3)
    server.end([...server.queries.keys()][2]!, 'CANCELLED', 'Bytes scanned limit was exceeded')
    expect(await limited).toMatchObject({ code: 'engines/job-failed', state: 'CANCELLED', transient: false, hint: expect.stringMatching(/workgroup analysts .BytesScannedCutoffPerQuery/) })
  })
})
