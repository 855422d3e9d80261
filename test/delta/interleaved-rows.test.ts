import * as fc from 'fast-check'
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { placesOf } from '../../framework/delta/brought-back.ts'
import { changesSql } from '../../framework/delta/changes.ts'
import type { CommitInfo } from '../../framework/delta/commit.ts'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { CannotWrite } from '../../framework/delta/delta-errors.ts'
import { commitName } from '../../framework/delta/log-names.ts'
import { MemoryLogStore } from '../../framework/delta/memory-log-store.ts'
import { stageMerge } from '../../framework/delta/merge.ts'
import { stageOptimize } from '../../framework/delta/optimize.ts'
import { readCommit, readCommitInfo } from '../../framework/delta/read-commit.ts'
import { restore } from '../../framework/delta/restore.ts'
import { stageDelete, stageUpdate } from '../../framework/delta/row-changes.ts'
import { append, newTable, overwrite } from '../../framework/delta/stage.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import type { TableChange } from '../../framework/delta/table-change.ts'
import { SHORTEST_SAFE_RETENTION_HOURS, vacuum } from '../../framework/delta/vacuum.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { Rig } from './rig.ts'

const rig = new Rig()
const schema = { type: 'struct', fields: [{ name: 'id', type: 'long', nullable: true, metadata: {} }, { name: 'v', type: 'string', nullable: true, metadata: {} }] } as const
const KINDS = ['append', 'merge', 'merge', 'merge by rewriting', 'update', 'delete', 'overwrite', 'optimize', 'optimize', 'zorder', 'restore', 'vacuum', 'checkpoint'] as const
type Kind = (typeof KINDS)[number]
type Rows = ReadonlyMap<number, string>

interface Step {
  readonly kind: Kind
  readonly pick: number
  /** What new rows say: no two steps say the same. */
  readonly says: string
  /** Keys that no other step has. */
  readonly fresh: readonly number[]
}

/** The keys that a merge meets or brings: those of several merges overlap. */
const batchOf = ({ pick, says, fresh }: Step): Rows => new Map([...[0, 1].map(i => [(pick * 2 + i) % 12, says] as const), [fresh[0]!, says]])
const met = ({ kind, pick }: Step) => (id: number) => id % (kind === 'update' ? 3 : 4) === pick % 3
const condition = ({ kind, pick }: Step) => `id % ${kind === 'update' ? 3 : 4} = ${pick % 3}`
const freshRows = ({ says, fresh }: Step): Rows => new Map(fresh.map(id => [id, says]))
const sqlOf = (rows: Rows) => [...rows].map(([id, v]) => `select ${id}::bigint as id, '${v}' as v`).join(' union all ')

/** What a step makes of the rows that it saw. @param at the rows of each earlier version */
function outcomeOf(step: Step, seen: Rows, base: number, at: readonly Rows[]): Rows {
  switch (step.kind) {
    case 'append': return new Map([...seen, ...freshRows(step)])
    case 'merge': case 'merge by rewriting': return new Map([...seen, ...batchOf(step)])
    case 'update': return new Map([...seen].map(([id, v]) => [id, met(step)(id) ? step.says : v]))
    case 'delete': return new Map([...seen].filter(([id]) => !met(step)(id)))
    case 'overwrite': return freshRows(step)
    case 'restore': return at[restored(step, base)]!
    case 'optimize': case 'zorder': case 'vacuum': case 'checkpoint': return seen
  }
}

const restored = ({ pick }: Step, base: number) => Math.max(0, base - 1 - pick % 3)

/** A table whose data lie in a folder, and whose log waits for its turn at each operation. */
class Writer {
  readonly table: DeltaTable
  constructor(root: string, store: MemoryLogStore, readonly folder: Folder, readonly forgets: boolean) {
    this.table = new DeltaTable(root, store, rig.database)
  }

  async take(step: Step, id: string): Promise<void> {
    if (step.kind === 'checkpoint') return void await this.table.checkpoint()
    if (step.kind === 'vacuum') {
      const base = await this.table.snapshot()
      const began = await this.folder.ageOrphans()
      return void await vacuum(base, { newest: () => this.table.snapshot(), ...(this.forgets && { retentionHours: SHORTEST_SAFE_RETENTION_HOURS, now: new Date(began + SHORTEST_SAFE_RETENTION_HOURS * 3_600_000) }) })
    }
    await this.folder.writing(async () => {
      const base = await this.table.snapshot()
      const change = await this.#thoughtOut(step, base)
      if (!change) return
      const info: CommitInfo = { operation: step.kind.toUpperCase(), provenance: { id, base: base.version } }
      await this.table.commit(change, base, info)
    })
  }

  /** Undefined where a version was to come back whose files are gone for good. */
  async #thoughtOut(step: Step, base: Snapshot): Promise<TableChange | undefined> {
    const { kind } = step
    if (kind === 'restore') return restore(base, await this.table.snapshot({ version: restored(step, base.version) })).catch(error => {
      if (!this.forgets || !(error instanceof CannotWrite)) throw error
      return undefined
    })
    return rig.database.use(async c => {
      switch (kind) {
        case 'append': return append(base, await writeDataFiles(c, sqlOf(freshRows(step)), base))
        case 'overwrite': return overwrite(base, await writeDataFiles(c, sqlOf(freshRows(step)), base))
        case 'merge': return (await stageMerge(c, base, sqlOf(batchOf(step)), { on: ['id'] }, 'deletion-vectors')).change
        case 'merge by rewriting': return (await stageMerge(c, base, sqlOf(batchOf(step)), { on: ['id'] }, 'copy-on-write')).change
        case 'update': return (await stageUpdate(c, base, { v: `'${step.says}'` }, condition(step))).change
        case 'delete': return (await stageDelete(c, base, condition(step), { how: 'deletion-vectors' })).change
        case 'optimize': return (await stageOptimize(c, base, { maxDeletedRatio: 0 })).change
        case 'zorder': return (await stageOptimize(c, base, { zorderBy: ['id', 'v'] })).change
        case 'vacuum': case 'checkpoint': throw new Error('not a change')
      }
    })
  }
}

/** The files of a table's folder, with who is still at work. */
class Folder {
  #since: number[] = []
  constructor(readonly root: string, readonly log: MemoryLogStore) {}

  async writing<T>(work: () => Promise<T>): Promise<T> {
    const since = Date.now()
    this.#since.push(since)
    try {
      return await work()
    } finally {
      this.#since.splice(this.#since.indexOf(since), 1)
    }
  }

  /** Makes files old enough for VACUUM that were there before those at work now began. A file system's clock goes by steps. Change data of a version is let be: once old, it goes. */
  async ageOrphans(): Promise<number> {
    const began = Math.min(Date.now(), ...this.#since) - 20
    const told = new Set<string>()
    for (let version = 0; await this.log.stat(commitName(version)); version += 1) for (const action of await readCommit(this.log, version)) if ('cdc' in action) told.add(action.cdc.path)
    for (const folder of ['', '_change_data'].filter(name => existsSync(join(this.root, name)))) {
      for (const entry of readdirSync(join(this.root, folder), { withFileTypes: true })) {
        const path = join(this.root, folder, entry.name)
        if (entry.isFile() && statSync(path).mtimeMs < began && !told.has(join(folder, entry.name))) utimesSync(path, 1000, 1000)
      }
    }
    return began
  }
}

interface Told { readonly id: string; readonly base: number }

/** Replays what was committed in the order of its versions: a step sees what its base had, and what came since but for rows that were blindly appended: those count as after it. */
async function explained(table: DeltaTable, store: MemoryLogStore, steps: ReadonlyMap<string, Step>, { serializable, feed, forgets }: Options): Promise<void> {
  const at: Rows[] = []
  const appended: { readonly version: number; readonly rows: Rows }[] = []
  for (let version = 0; await store.stat(commitName(version)); version += 1) {
    const told = (await readCommitInfo(store, version))?.varve as Told | undefined
    const step = told && steps.get(told.id)
    if (!told || !step) at.push(START)
    else {
      const later = appended.filter(each => each.version > told.base)
      if (serializable && !['append', 'optimize', 'zorder'].includes(step.kind)) expect({ version, step, later }).toEqual({ version, step, later: [] })
      const unseen = new Set(later.flatMap(each => [...each.rows.keys()]))
      const before = [...at[version - 1]!]
      const hidden = before.filter(([id]) => unseen.has(id))
      const seen = new Map(before.filter(([id]) => !unseen.has(id)))
      at.push(new Map([...outcomeOf(step, seen, told.base, at), ...hidden]))
      if (step.kind === 'append') appended.push({ version, rows: freshRows(step) })
    }
    const snapshot = await table.snapshot({ version })
    // Of older versions VACUUM may have taken files by then.
    if (forgets && await store.stat(commitName(version + 1)) && ![...snapshot.files].flatMap(file => placesOf(snapshot.root, file)).every(existsSync)) continue
    expect({ version, step, rows: (await rig.rows(snapshot)).map(({ id, v }) => [Number(id), v]) }).toEqual({ version, step, rows: inOrder(at[version]!) })
    if (feed && version > 0) expect({ version, step, rows: inOrder(await changed(table, version, at[version - 1]!)) }).toEqual({ version, step, rows: inOrder(at[version]!) })
  }
}

/** Rows with the changes that a version tells of. */
async function changed(table: DeltaTable, version: number, before: Rows): Promise<Rows> {
  const sql = await changesSql(table, version, version)
  const of = (types: string) => rig.database.use(c => c.rows<{ id: bigint; v: string }>(`select id, v from (${sql}) where _change_type in (${types})`))
  const rows = new Map(before)
  for (const { id, v } of await of(`'delete', 'update_preimage'`)) {
    expect([id, rows.get(Number(id))]).toEqual([id, v])
    rows.delete(Number(id))
  }
  for (const { id, v } of await of(`'insert', 'update_postimage'`)) {
    expect([id, rows.has(Number(id))]).toEqual([id, false])
    rows.set(Number(id), v)
  }
  return rows
}

const inOrder = (rows: Rows) => [...rows].sort(([a], [b]) => a - b)
const START: Rows = new Map(Array.from({ length: 12 }, (_, i) => [i, 'start']))

interface Options {
  readonly serializable: boolean
  readonly feed: boolean
  readonly secondForm: boolean
  /** VACUUM takes what no writer at work now has begun with, as one does whose retention is over. */
  readonly forgets: boolean
}

it('each version holds what its steps make of the rows that they saw, whatever the interleaving of merges, updates, OPTIMIZE, RESTORE and VACUUM', async () => {
  const steps = fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.nat(8)), { minLength: 1, maxLength: 4 })
  const options = fc.record({ serializable: fc.boolean(), feed: fc.boolean(), secondForm: fc.boolean(), forgets: fc.boolean() })
  await fc.assert(fc.asyncProperty(fc.scheduler(), fc.array(steps, { minLength: 2, maxLength: 4 }), options, async (scheduler, writers, asked) => {
    const options = { ...asked, feed: asked.feed && !asked.forgets }
    const shared = new MemoryLogStore()
    const { root } = rig.table()
    const properties = {
      'delta.checkpointInterval': '3', ...(options.serializable ? { 'delta.isolationLevel': 'Serializable' } : {}), ...(options.feed ? { 'delta.enableChangeDataFeed': 'true' } : {}), ...(options.secondForm ? { 'delta.checkpointPolicy': 'v2' } : {}),
      ...(options.forgets ? { 'delta.deletedFileRetentionDuration': 'interval 0 hours' } : {}),
    }
    const table = new DeltaTable(root, shared, rig.database)
    const files = await rig.database.use(async c => [...await writeDataFiles(c, sqlOf(new Map([...START].slice(0, 7))), { root, schema, partitionColumns: [] }), ...await writeDataFiles(c, sqlOf(new Map([...START].slice(7))), { root, schema, partitionColumns: [] })])
    await table.commit(newTable({ schema, properties, files, profile: 'modern' }), undefined, { operation: 'CREATE' })
    const folder = new Folder(root, shared)
    const known = new Map<string, Step>()
    let fresh = 100
    const work = writers.map(async (own, number) => {
      const writer = new Writer(root, new MemoryLogStore(operation => scheduler.schedule(Promise.resolve(), operation), shared), folder, options.forgets)
      for (const [i, [kind, pick]] of own.entries()) {
        const id = `${number}/${i}`
        const step: Step = { kind, pick, says: id, fresh: [(fresh += 2), fresh + 1] }
        known.set(id, step)
        await writer.take(step, id)
      }
    })
    await scheduler.waitFor(Promise.all(work))
    await explained(table, shared, known, options)
  }), { numRuns: 10, endOnFailure: true })
}, 600_000)
