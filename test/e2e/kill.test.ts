import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { spawn } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openProject, type Project } from '../../framework/project/project.ts'
import { refuseStaleBuild } from './cli-rig.ts'

const BIN = resolve('dist/cli/varve.cjs')
const NOW = '2026-03-01T06:00:00Z'

let home: string
let sources: string
let undisturbed: Awaited<ReturnType<typeof tables>>

beforeAll(async () => {
  refuseStaleBuild()
  home = mkdtempSync(join(tmpdir(), 'varve-kill-'))
  sources = join(home, 'sources')
  const lake = join(home, 'undisturbed', 'lake')
  await withPlatform(lake, async project => {
    await project.generateDemo({ customers: 40, seed: 7, dir: sources })
    expect(await materialized(project)).toEqual({ ok: true, steps: project.graph.size })
  })
  undisturbed = await tables(lake)
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** The platform itself, on a lake of its own. */
async function withPlatform<T>(lake: string, work: (project: Project) => Promise<T>): Promise<T> {
  const project = await openProject({ root: process.cwd(), lake, sources, now: new Date(NOW) })
  try {
    return await work(project)
  } finally {
    await project.close()
  }
}

async function materialized(project: Project) {
  const { ok, steps } = await project.materialize({ selection: [] }, { signal: new AbortController().signal, listen: () => {} })
  return { ok, steps: steps.length }
}

/** Of each table: its rows as a multiset, and how many versions it has had. */
const tables = (lake: string) => withPlatform(lake, async project => {
  const all = project.graph.keys.filter(key => project.graph.get(key).kind !== 'publish').map(key => `select '${key}' as key, count(*)::int as rows, md5(string_agg(to_json(t)::varchar, '\n' order by to_json(t)::varchar)) as digest from "${key}" as t`)
  const { rows } = await project.query(`${all.join(' union all ')} order by key`, { limit: 0 })
  return Promise.all(rows.map(async row => ({ ...row, versions: (await project.history(row['key'] as never)).length })))
})

/** Runs the platform through the command line, and kills it when so many steps have been told. */
function killed(lake: string, afterSteps: number): Promise<string | null> {
  const child = spawn(process.execPath, [BIN, 'materialize', '--lake', lake, '--sources', sources, '--now', NOW, '--jobs', '2'], { stdio: ['ignore', 'pipe', 'ignore'] })
  let told = 0
  child.stdout.on('data', part => {
    told += String(part).split('✓').length - 1
    if (told >= afterSteps) child.kill('SIGKILL')
  })
  return new Promise(done => child.once('close', (_, signal) => done(signal)))
}

test.each([1, 14, 28])('the platform, killed after %i steps, is finished by the next run as if nothing had been', async steps => {
  const lake = join(home, `killed-${steps}`, 'lake')
  expect(await killed(lake, steps)).toBe('SIGKILL')
  expect(await withPlatform(lake, materialized)).toMatchObject({ ok: true })
  expect(await tables(lake)).toEqual(undisturbed)
  expect(await withPlatform(lake, materialized)).toEqual({ ok: true, steps: 0 })
})

test('killed again and again, it still gets there', async () => {
  const lake = join(home, 'again', 'lake')
  for (const steps of [2, 5, 4]) expect(await killed(lake, steps)).toBe('SIGKILL')
  expect(await withPlatform(lake, materialized)).toMatchObject({ ok: true })
  expect(await tables(lake)).toEqual(undisturbed)
})
