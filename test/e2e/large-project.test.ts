import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { refuseStaleBuild } from './cli-rig.ts'

const MANY = 400
const run = promisify(execFile)

let root: string
beforeEach(() => {
  refuseStaleBuild()
  root = mkdtempSync(join(tmpdir(), 'varve-large-'))
  mkdirSync(join(root, 'assets', 'silver'), { recursive: true })
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  for (let i = 0; i < MANY; i += 1) writeFileSync(join(root, 'assets', 'silver', `a${i}.ts`), `import { Asset, SqlAsset, sql } from 'varve'\n@Asset({ key: 'silver/a${i}' })\nexport class A${i} extends SqlAsset { query() { return sql\`select ${i} as n\` } }\n`)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const kept = () => readFileSync(join(root, '.varve', 'cache', 'kept-local.jsonl'), 'utf8')
const byCommand = async () => (await run(process.execPath, [resolve('dist/cli/varve.cjs'), 'plan', '--json'], { cwd: root, maxBuffer: 1 << 26 })).stdout
const byImport = () => run(process.execPath, ['--input-type=module', '-e', `const { openProject } = await import(${JSON.stringify(pathToFileURL(resolve('dist/project/project.js')).href)}); const project = await openProject(); await project.plan({ selection: [] }); await project.close()`], { cwd: root })

it('keeps what its modules come to for the command line and for who imports the framework alike', async () => {
  const first = JSON.parse(await byCommand()) as { steps: unknown[] }
  const before = kept()
  expect(before.split('\n').length).toBe(MANY + 2)
  await byImport()
  expect(kept()).toBe(before)
  expect((JSON.parse(await byCommand()) as { steps: unknown[] }).steps).toEqual(first.steps)
  expect(kept()).toBe(before)
}, 120_000)
