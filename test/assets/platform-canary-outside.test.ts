import { DuckDBInstance } from '@duckdb/node-api'
import { spawn } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generator } from '#resources/demo/five-systems'
import { ending, refuseStaleBuild, type Answer } from '../e2e/cli-rig.ts'
import { CANARY, canaryFor, contracts, personal } from './canary.ts'
import { ROOT } from './platform-rig.ts'

/** What is told to people, and what is left on their disk, when personal data came in well and badly. */
describe('[GOV-PII-5] a canary in personal data, by the ways out of the command line and the daemon', () => {
  const home = mkdtempSync(join(tmpdir(), 'varve-outside-'))
  const root = join(home, 'project')
  const sources = join(home, 'sources')
  const posted: string[] = []
  const answers = new Map<string, Answer>()
  let server: Server

  const ask = async (day: number, ...words: readonly string[]): Promise<Answer> => {
    const child = spawn(process.execPath, [join(ROOT, 'dist/cli/varve.cjs'), ...words, '--now', new Date(Date.UTC(2026, 10, 22 + day, 7)).toISOString()], {
      cwd: root, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, VARVE_LAKE: join(home, 'lake'), VARVE_SOURCES: sources }, stdio: ['ignore', 'pipe', 'pipe'],
    })
    const answer = await ending(child)
    answers.set(`${day} ${words.join(' ')}`, answer)
    return answer
  }

  beforeAll(async () => {
    refuseStaleBuild()
    server = createServer((request, response) => {
      let body = ''
      request.on('data', part => (body += String(part))).on('end', () => {
        posted.push(`${JSON.stringify(request.headers)} ${body}`)
        response.end()
      })
    })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    for (const name of ['assets', 'resources', 'config', 'package.json', 'tsconfig.json']) cpSync(join(ROOT, name), join(root, name), { recursive: true })
    for (const name of ['framework', 'node_modules']) symlinkSync(join(ROOT, name), join(root, name))
    const profile = join(root, 'config/local.yaml')
    const channels = `    hook: { type: webhook, url: 'http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts' }\n`
    const configured = readFileSync(profile, 'utf8').replace(/^( +console: \{ type: console \}\n)/m, `$1${channels}`)
    expect(configured).toContain(channels)
    writeFileSync(profile, configured)
    await generator.generate({ customers: 60, seed: 7, dir: sources })
    await plant()
    await ask(1, 'materialize')
    for (const json of [[], ['--json']]) {
      await ask(1, 'quarantine', 'list', ...json)
      await ask(1, 'check', ...json)
      await ask(1, 'runs', ...json)
    }
    // The next day an export is torn in the middle of a person, then two have lost their header, then a message is half.
    const whole = ['crm_contacts.csv', 'snowflake_customers.csv'].map(name => [join(sources, name), readFileSync(join(sources, name), 'utf8')] as const)
    appendFileSync(join(sources, 'crm_contacts.csv'), '"Canary torn, never closed,canary@torn.example\n')
    await ask(2, 'daemon', '--once')
    await ask(2, 'plan', '--json')
    for (const [path, text] of whole) writeFileSync(path, text.slice(text.indexOf('\n') + 1))
    await ask(3, 'daemon', '--once', '--json')
    await ask(3, 'materialize', '--keep-going', '--json')
    await ask(3, 'materialize', '--keep-going')
    for (const [path, text] of whole) writeFileSync(path, text)
    const events = join(sources, 'kafka_user_actions.csv')
    writeFileSync(events, readFileSync(events, 'utf8').replace(/\n[^\n]*\n$/, line => `${line}torn,user_actions,99,0,2026-11-24 10:00:01,KEY-1,"{""email"":""canary@half",\n`))
    await ask(4, 'daemon', '--once')
    for (const words of [['status'], ['status', '--json'], ['quarantine', 'list', '--json'], ['check', '--json'], ['runs', '--json'], ['daemon', '--status'], ['freshness', '--json'], ['pii', 'audit'], ['lineage', '--json']]) await ask(4, ...words)
  }, 400_000)
  afterAll(() => {
    server.close()
    rmSync(home, { recursive: true, force: true })
  })

  /** Puts a canary into each column of personal data. */
  async function plant(): Promise<void> {
    const database = await (await DuckDBInstance.create()).connect()
    for (const contract of contracts) {
      const columns = personal(contract)
      for (const file of columns.length === 0 ? [] : readdirSync(sources).filter(name => name === `${contract.source}_${contract.table}.csv`)) {
        const path = join(sources, file)
        const values = columns.map(column => `${canaryFor(column)} as "${column.name}"`)
        await database.run(`create or replace table given as select * exclude (n) replace (${values.join(', ')}) from (select *, row_number() over () as n from read_csv('${path}', all_varchar = true, header = true, strict_mode = false))`)
        await database.run(`copy given to '${path}' (format csv, header)`)
      }
    }
    database.closeSync()
  }

  const shown = (text: string) => text.slice(Math.max(0, CANARY.exec(text)!.index - 200), CANARY.exec(text)!.index + 60)

  it('is in no output of a command, and of none of the daemon', () => {
    expect(Object.fromEntries([...answers].filter(([, { out, err }]) => CANARY.test(out + err)).map(([words, { out, err }]) => [words, shown(out + err)]))).toEqual({})
    expect([...answers].filter(([, { out, err }]) => (out + err).trim() === '')).toEqual([])
    // Too many of the few messages are broken: the table is held back.
    expect(answers.get('4 status')!.out).toMatch(/silver\/user_actions +stale/)
    expect(answers.get('3 materialize --keep-going')!.out).toMatch(/crm_contacts.csv: columns \d+ and \d+ of the header have one name[^]*snowflake_customers.csv lacks the required column/)
    expect(answers.get('3 materialize --keep-going')!.code).not.toBe(0)
  })

  it('is in no alert, by whichever channel', () => {
    expect(posted.filter(text => CANARY.test(text)).map(shown)).toEqual([])
    expect(posted.length).toBeGreaterThan(3)
    const alerts = readFileSync(join(root, '.varve/alerts.jsonl'), 'utf8')
    expect([CANARY.test(alerts), alerts.trim().split('\n').length]).toEqual([false, posted.length])
  })

  it('is in no byte of the state, the caches, and the lake but landing, bronze, silver and quarantine', async () => {
    const database = await (await DuckDBInstance.create()).connect()
    const found: string[] = []
    const searched: string[] = []
    for (const entry of readdirSync(home, { recursive: true, withFileTypes: true, encoding: 'utf8' })) {
      const path = relative(home, join(entry.parentPath, entry.name))
      if (!entry.isFile() || !/^(?!sources\/|project\/(?!\.varve)|lake\/(landing|bronze|silver|_quarantine)\/)/.test(path)) continue
      const text = path.endsWith('.parquet') ? JSON.stringify((await database.runAndReadAll(`select t::varchar from read_parquet('${join(home, path)}', hive_partitioning = false) as t`)).getRows()) : readFileSync(join(home, path), 'latin1')
      searched.push(path)
      if (CANARY.test(text)) found.push(`${path}: ${shown(text).slice(-160)}`)
    }
    database.closeSync()
    expect(found).toEqual([])
    expect(searched).toEqual(expect.arrayContaining(['state.db', expect.stringMatching(/^project\/\.varve\/cache\//), expect.stringMatching(/^lake\/gold\/.*parquet$/)]))
  })
})
