import { createReadStream, createWriteStream, rmSync } from 'node:fs'
import { mkdtemp, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { SourceFile } from '#framework'

/**
 * Records of a system that has no files, as a file that can be landed: a JSON object a line, in the order in which they came. They are
 * taken up to the end of what is handed over, as one batch; a consumer stops handing over when it has caught up.
 * @param location where a person finds the system
 */
export async function recordsFile(name: string, location: string, records: Iterable<object> | AsyncIterable<object>): Promise<SourceFile> {
  const folder = await mkdtemp(join(tmpdir(), 'varve-records-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'records.jsonl')
  await pipeline(Readable.from(linesOf(records)), createWriteStream(path))
  const { size, mtimeNs } = await stat(path, { bigint: true })
  return { name: `${name}.jsonl`, location, format: 'json-lines', gzip: false, size: Number(size), identity: `${path} ${size}-${mtimeNs}`, open: () => createReadStream(path) }
}

async function* linesOf(records: Iterable<object> | AsyncIterable<object>): AsyncGenerator<string> {
  for await (const record of records) yield `${JSON.stringify(record)}\n`
}
