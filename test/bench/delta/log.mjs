import { mkdirSync, openSync, closeSync, fsyncSync, linkSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { dist } from '../planning/dist.mjs'
import { against, alone } from './figures.mjs'

const FILES = 100_000

/** What the log alone costs: a snapshot of many files, and a commit against the syncs that one needs. */
export async function logBench(database, folder, { rounds }) {
  const [{ DeltaTable }, { LocalLogStore }, { deltaSchemaOf }, { append, newTable }, { writeCheckpoint }] = await Promise.all(
    ['delta-table', 'local-log-store', 'schema', 'stage', 'write-checkpoint'].map(name => dist(`delta/${name}.js`)))
  const schema = deltaSchemaOf([{ name: 'id', type: 'BIGINT' }])
  const properties = { 'delta.checkpointInterval': '1000000' }
  const open = name => new DeltaTable(join(folder, name), new LocalLogStore(join(folder, name)), database)
  const files = Array.from({ length: FILES }, (_, i) => ({
    path: `part-${String(i).padStart(6, '0')}-0a1b2c3d-aaaa-bbbb-cccc-0123456789ab.c000.zstd.parquet`, partitionValues: {}, size: 1_000_000 + i, modificationTime: 1_700_000_000_000 + i, dataChange: true,
    stats: JSON.stringify({ numRecords: 1000, minValues: { id: i * 1000, name: 'a name that is rather long' }, maxValues: { id: i * 1000 + 999, name: 'the name at the other end' }, nullCount: { id: 0, name: 0 } }),
  }))
  const large = open('files')
  await large.commit(newTable({ schema, files, properties }), undefined, { operation: 'CREATE TABLE' })
  await writeCheckpoint(large.store, await large.snapshot(), new Date())
  const lines = await alone({ [`snapshot of ${FILES.toLocaleString('en')} files from a checkpoint`]: { deed: () => open('files').snapshot(), aim: 1000 } }, { rounds })

  const small = open('small')
  await small.commit(newTable({ schema, files: files.slice(0, 1), properties }), undefined, { operation: 'CREATE TABLE' })
  let added = 0
  const syncs = join(folder, 'syncs')
  mkdirSync(syncs)
  const commit = async () => {
    const base = await small.snapshot()
    await small.commit(append(base, [files[(added += 1)]]), base, { operation: 'WRITE' })
  }
  let raw = 0
  lines.push(...await against({
    'a file that is written, synced and linked, and its folder synced': { deed: async () => { for (let i = 0; i < COMMITS; i += 1) durably(syncs, String(raw += 1)) } },
    [`${COMMITS} commits`]: { deed: async () => { for (let i = 0; i < COMMITS; i += 1) await commit() } },
  }, { rounds }), ...await alone({ 'a commit': { deed: commit, aim: 5 } }, { rounds: rounds * 5 }))
  return lines
}

const COMMITS = 10

function durably(folder, name) {
  const file = openSync(join(folder, `.${name}`), 'wx')
  writeSync(file, '{}\n')
  fsyncSync(file)
  closeSync(file)
  linkSync(join(folder, `.${name}`), join(folder, name))
  unlinkSync(join(folder, `.${name}`))
  const of = openSync(folder, 'r')
  fsyncSync(of)
  closeSync(of)
}
