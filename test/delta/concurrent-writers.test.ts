import * as fc from 'fast-check'
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fileKey, removeOf, type Action, type AddFile } from '../../framework/delta/actions.ts'
import { commitName } from '../../framework/delta/log-names.ts'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { MemoryLogStore } from '../../framework/delta/memory-log-store.ts'
import { readCommit } from '../../framework/delta/read-commit.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import { append, newTable, overwrite } from '../../framework/delta/stage.ts'
import type { TableChange } from '../../framework/delta/table-change.ts'
import { Rig } from './rig.ts'

const rig = new Rig()
const schema = { type: 'struct', fields: [{ name: 'a', type: 'long', nullable: true, metadata: {} }] } as const
const KINDS = ['append', 'overwrite', 'delete file', 'rearrange', 'rename'] as const
type Kind = (typeof KINDS)[number]

let named = 0
const file = (dataChange = true): AddFile => ({ path: `f${(named += 1)}`, partitionValues: {}, size: 1, modificationTime: 0, dataChange, stats: '{"numRecords":1}' })

/** What an operation would do to the table as it sees it, or undefined where there is nothing to do it to. */
function thoughtOut(kind: Kind, base: Snapshot, pick: number): TableChange | undefined {
  const files = [...base.files]
  const one = files[pick % Math.max(1, files.length)]
  const other = files[(pick + 1) % Math.max(1, files.length)]
  switch (kind) {
    case 'append': return append(base, [file()])
    case 'overwrite': return overwrite(base, [file()])
    case 'delete file': return one && { adds: [], removes: [removeOf(one, 1)], reads: { kind: 'files', keys: [fileKey(one)], partitions: [] }, metrics: {} }
    case 'rearrange': return one && other && one !== other
      ? { adds: [file(false)], removes: [removeOf(one, 1, false), removeOf(other, 1, false)], reads: { kind: 'files', keys: [fileKey(one), fileKey(other)], partitions: [] }, metrics: {} } : undefined
    case 'rename': return { adds: [], removes: [], metadata: { ...base.metadata, name: `n${pick}` }, reads: { kind: 'nothing' }, metrics: {} }
  }
}

interface Done { readonly id: string; readonly kind: Kind; readonly base: number; readonly status: string; readonly version: number }

describe('writers of one table', () => {
  it('leave a history that some serial order explains, whatever the interleaving', async () => {
    const operations = fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.nat(5)), { minLength: 1, maxLength: 5 })
    await fc.assert(fc.asyncProperty(fc.scheduler(), fc.array(operations, { minLength: 2, maxLength: 4 }), fc.boolean(), async (scheduler, writers, serializable) => {
      const shared = new MemoryLogStore()
      const properties = { 'delta.checkpointInterval': '100000', ...(serializable ? { 'delta.isolationLevel': 'Serializable' } : {}) }
      await new DeltaTable('/t', shared, rig.database).commit(newTable({ schema, properties, files: [file(), file(), file()] }), undefined, { operation: 'CREATE' })
      const done: Done[] = []
      const work = writers.map(async (steps, writer) => {
        const table = new DeltaTable('/t', new MemoryLogStore(operation => scheduler.schedule(Promise.resolve(), operation), shared), rig.database)
        for (const [step, [kind, pick]] of steps.entries()) {
          const base = await table.snapshot()
          const change = thoughtOut(kind, base, pick)
          if (!change) continue
          const id = `${writer}/${step}`
          const outcome = await table.commit(change, base, { operation: kind, provenance: { id, base: base.version } })
          done.push({ id, kind, base: base.version, status: outcome.status, version: outcome.version })
        }
      })
      await scheduler.waitFor(Promise.all(work))
      await explained(shared, done, serializable)
    }), { numRuns: 150 })
  })

  it('in eight processes lose no commit and write none twice', async () => {
    const table = await rig.create('select -1::bigint as a', { properties: { 'delta.checkpointInterval': '25' } })
    const script = join(import.meta.dirname, '../../.varve', `writer-${process.pid}.mjs`)
    const bundle = await rolldown({ input: join(import.meta.dirname, 'appending-writer.ts'), platform: 'node', external: /^(?:node:|@duckdb)/, logLevel: 'silent' })
    await bundle.write({ file: script, format: 'esm' })
    onTestFinished(() => rmSync(script))
    const writers = Array.from({ length: 8 }, (_, writer) => promisify(execFile)(process.execPath, [script, table.root, String(writer), '50']))
    const versions = (await Promise.all(writers)).flatMap(({ stdout }) => JSON.parse(stdout) as number[])
    expect(versions.sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))
    const snapshot = await rig.table(table.root).snapshot()
    expect(snapshot.version).toBe(400)
    const all = new Set([...snapshot.files].map(added => added.path))
    for (let writer = 0; writer < 8; writer += 1) for (let i = 0; i < 50; i += 1) expect(all.has(`w${writer}-${i}.parquet`)).toBe(true)
  })
})

/** Replays the log in its order and holds every commit against what it was thought out on. */
async function explained(store: MemoryLogStore, done: readonly Done[], serializable: boolean): Promise<void> {
  const commits: Action[][] = []
  while (await store.stat(commitName(commits.length))) commits.push(await readCommit(store, commits.length))
  const ids = commits.map(actions => idOf(actions))
  expect(new Set(ids).size).toBe(ids.length)
  for (const { id, status, version } of done) expect(status === 'committed' ? ids[version] : ids.includes(id)).toBe(status === 'committed' ? id : false)
  const live = new Map<string, { readonly version: number; readonly blind: boolean }>()
  let named = 0
  for (const [version, actions] of commits.entries()) {
    const operation = done.find(({ id }) => id === ids[version])
    const removes = actions.flatMap(action => ('remove' in action ? [action.remove.path] : []))
    for (const path of removes) if (!live.has(path)) throw new Error(`version ${version} takes out ${path}, which is not there`)
    if (operation?.kind === 'overwrite') {
      const left = [...live].filter(([path]) => !removes.includes(path))
      const allowed = left.every(([, since]) => !serializable && since.blind && since.version > operation.base)
      if (!allowed) throw new Error(`version ${version} overwrites, but leaves ${left.map(([path]) => path).join(', ')}`)
    }
    if (operation && named > operation.base) throw new Error(`version ${version} was thought out on ${operation.base}, before the metadata of ${named}`)
    if (operation?.kind === 'rename') named = version
    for (const path of removes) live.delete(path)
    for (const action of actions) if ('add' in action) live.set(action.add.path, { version, blind: operation?.kind === 'append' })
  }
  const snapshot = await new DeltaTable('/t', store, rig.database).snapshot()
  expect([...snapshot.files].map(({ path }) => path).sort()).toEqual([...live.keys()].sort())
}

function idOf(actions: readonly Action[]): string {
  const info = actions.flatMap(action => ('commitInfo' in action ? [action.commitInfo] : []))[0]
  return (info?.varve as { id: string } | undefined)?.id ?? 'create'
}
