import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { RunResult } from '../../framework/execution/run-result.ts'
import type { RunEvent } from '../../framework/vocabulary/run-event.ts'
import { DAY_ONE, DisturbedRig } from './disturbed-rig.ts'

const ROUNDS = process.env['VARVE_FULL'] === '1' ? 100 : 8

let rig: DisturbedRig
let rivals: Rival[] = []
afterEach(() => {
  for (const rival of rivals) rival.end()
  rivals = []
  rig.remove()
})

/** Another process that makes what the rig's project needs, whenever it is told to. */
class Rival {
  readonly process: ChildProcess
  readonly events: RunEvent[] = []
  readonly #results: RunResult[] = []
  #waiting: (() => void)[] = []

  constructor(environment: NodeJS.ProcessEnv = {}) {
    this.process = spawn(process.execPath, [resolve('test/e2e/rival-program.mjs'), resolve('.'), rig.root, rig.lake], { env: { ...process.env, ...environment }, stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.process.stdout! }).on('line', line => {
      const told = JSON.parse(line) as { event?: RunEvent; result?: RunResult }
      if (told.event) this.events.push(told.event)
      if (told.result) this.#results.push(told.result)
      for (const wake of this.#waiting.splice(0)) wake()
    })
    rivals.push(this)
  }

  async day(now: Date): Promise<RunResult> {
    const before = this.#results.length
    this.process.stdin!.write(`${now.toISOString()}\n`)
    await this.until(() => this.#results.length > before)
    return this.#results.at(-1)!
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  /** Everything that it said to a person since. */
  said(from = 0): string[] {
    return this.events.slice(from).flatMap(event => (event.type === 'log' ? [event.message] : []))
  }

  end(): void {
    this.process.kill('SIGKILL')
  }
}

const written = ({ steps }: RunResult) => steps.filter(({ status, unchanged }) => status === 'materialized' && !unchanged)
const slice = ({ asset, partition }: { readonly asset: string; readonly partition?: string | undefined }) => [asset, partition].filter(Boolean).join('@')

describe('two processes that make the same assets at once', () => {
  test(`write every slice once per change, ${ROUNDS} times over, and who comes second says why it did nothing`, async () => {
    rig = new DisturbedRig({ 'config/local.yaml': 'sources:\n  dir: exports\nlayers: [landing, bronze, silver, gold]\njobs: 4\nlease: 20s\n' })
    rig.exports(3)
    await rig.day(DAY_ONE)
    const [one, two] = [new Rival(), new Rival()]
    let versions = await rig.versions()
    let waited = 0
    for (let round = 1; round <= ROUNDS; round += 1) {
      rig.exports(3 + round)
      const said = [one, two].map(({ events }) => events.length)
      const results = await Promise.all([one.day(DAY_ONE), two.day(DAY_ONE)])
      expect(results.map(({ ok }) => ok)).toEqual([true, true])
      const made = results.flatMap(written).map(slice)
      expect([...made].sort()).toEqual([...new Set(made)].sort())
      expect(made.filter(each => !each.startsWith('gold/days'))).toEqual(expect.arrayContaining(['landing/orders', 'bronze/orders', 'silver/newest', 'silver/ledger', 'gold/spending']))
      // Each write was one version, and there was no version besides.
      const now = await rig.versions()
      expect(Object.values(now).reduce((a, b) => a + b) - Object.values(versions).reduce((a, b) => a + b)).toBe(made.length)
      versions = now
      for (const [i, rival] of [one, two].entries()) {
        const told = rival.said(said[i])
        waited += told.filter(message => /is being written by run [-0-9a-f]+ \(process \d+ on [^)]+\); waiting for its turn$/.test(message)).length
        for (const message of told) expect(message).toMatch(/; waiting for its turn$|was made by run [-0-9a-f]+ meanwhile$/)
      }
      const tables = await rig.tables()
      expect([tables['landing/orders']![0], tables['silver/ledger']![0], tables['silver/newest']![0]]).toEqual([(3 + round) * 100, (3 + round) * 100, 50])
    }
    expect(waited).toBeGreaterThan(0)
    expect((await rig.day(DAY_ONE)).steps).toEqual([])
  }, 600_000)
})

const SLOW = `
import { existsSync, writeFileSync } from 'node:fs'
import { Asset, RowAsset } from 'varve'
/** One row, when it is let. */
@Asset({ key: 'gold/slow' })
export class Slow extends RowAsset<{ by: string }> {
  readonly columns = { n: 'bigint' }
  async *rows() {
    yield { n: 1 }
    if (!process.env['HOLD']) return
    writeFileSync('BEGUN', '')
    while (!existsSync('GO')) await new Promise(resolve => setTimeout(resolve, 20))
  }
}`

describe('a process that is stopped for longer than its lease', () => {
  test('does not commit after another took over, says so, and leaves no file', async () => {
    rig = new DisturbedRig()
    rig.write('assets/gold/slow.ts', SLOW.replace('BEGUN', join(rig.root, 'begun')).replace('GO', join(rig.root, 'go')))
    rig.exports(3)
    const late = new Rival({ HOLD: '1' })
    const ending = late.day(DAY_ONE)
    while (!existsSync(join(rig.root, 'begun'))) await wait(20)
    // It shall hold this turn and no other.
    const ended = () => late.events.filter(({ type }) => type === 'step-materialized').length
    await late.until(() => ended() === late.events.flatMap(event => (event.type === 'run-started' ? event.steps : [])).length - 1)
    // What it has told is still being written: stopped in the middle of that, it would hold the state file, and not only its lease.
    await wait(300)
    late.process.kill('SIGSTOP')
    const taken = await rig.day(DAY_ONE)
    expect(taken.steps.map(({ asset, status }) => [asset, status])).toEqual([['gold/slow', 'materialized']])
    const files = rig.filesOf('gold/slow')
    rig.write('go', '')
    late.process.kill('SIGCONT')
    const result = await ending
    expect(result.ok).toBe(false)
    expect(result.steps.filter(({ status }) => status !== 'materialized').map(({ asset, status, error }) => [asset, status, error?.code])).toEqual([['gold/slow', 'failed', 'execution/lease-lost']])
    expect((await rig.versions())['gold/slow']).toBe(1)
    expect(rig.filesOf('gold/slow').filter(file => !file.startsWith('_staging'))).toEqual(files.filter(file => !file.startsWith('_staging')))
    expect((await rig.day(DAY_ONE)).steps).toEqual([])
  })

  // Its lease was looked at a moment before: only the commit itself can refuse it.
  test.each([['manifest-hidden', 1], ['commit-hidden', 1], ['commit-hidden', 2], ['commit-hidden', 4]] as const)('does not commit where it was stopped right at its commit (%s, passing %i)', async (point, passing) => {
    rig = new DisturbedRig()
    rig.exports(3)
    await rig.day(DAY_ONE)
    rig.exports(4)
    const late = new Rival({ VARVE_CRASHPOINT: `${point}:${passing}:stop` })
    const ending = late.day(DAY_ONE)
    await stopped(late.process.pid!)
    const taken = await rig.day(DAY_ONE)
    expect(taken.ok).toBe(true)
    const undisturbed = await rig.tables()
    const versions = await rig.versions()
    late.process.kill('SIGCONT')
    const { ok, steps } = await ending
    expect(ok).toBe(false)
    const codes = steps.filter(({ status }) => status === 'failed').map(({ error }) => error!.code)
    expect(codes).toContain('storage/publish-conflict')
    for (const code of codes) expect(code).toMatch(/^(storage\/publish-conflict|execution\/lease-lost)$/)
    expect(await rig.versions()).toEqual(versions)
    expect(await rig.tables()).toEqual(undisturbed)
    expect((await rig.day(DAY_ONE)).steps).toEqual([])
  })
})

/** Until the system says that the process is stopped. */
async function stopped(pid: number): Promise<void> {
  const { readFileSync } = await import('node:fs')
  while (!/^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) await wait(20)
}
