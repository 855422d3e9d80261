import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FileFormat, SourceFile } from '../definition/file-asset.ts'
import { UnreadableFile } from './landing-errors.ts'

/** A file of this machine as a source has it: `.csv`, `.json`, `.jsonl` or `.ndjson`, each also with `.gz`. @throws {UnreadableFile} */
export async function localFile(location: string): Promise<SourceFile> {
  const ending = /\.(csv|json|jsonl|ndjson)(\.gz)?$/.exec(location)
  if (!ending) throw new UnreadableFile(location, 'it is neither .csv, .json, .jsonl nor .ndjson, with or without .gz')
  const stat = statSync(location, { throwIfNoEntry: false, bigint: true })
  if (!stat?.isFile()) throw new UnreadableFile(location, stat ? 'it is no file' : 'there is no such file')
  const gzip = ending[2] !== undefined
  const open = () => createReadStream(location)
  return { name: basename(location), location, gzip, open, format: await formatOf(ending[1]!, open, gzip), size: Number(stat.size), identity: `${stat.size}-${stat.mtimeNs}` }
}

async function formatOf(ending: string, open: SourceFile['open'], gzip: boolean): Promise<FileFormat> {
  if (ending === 'csv') return 'csv'
  if (ending !== 'json') return 'json-lines'
  const bytes = open()
  const text = gzip ? pipeline(bytes, createGunzip(), () => undefined) : bytes
  for await (const chunk of text.setEncoding('utf8') as AsyncIterable<string>) {
    const sign = /[^\s\uFEFF]/.exec(chunk)
    if (sign) return sign[0] === '[' ? 'json-array' : 'json-lines'
  }
  return 'json-lines'
}
