import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { GenerateOptions } from '#framework'

/** A file to be: its name and its lines, made while they are written. */
export interface TextFile {
  readonly name: string
  readonly header?: string | undefined
  lines(): Iterable<string>
}

const CHUNK = 1 << 18

/** Writes a file without holding more than a chunk of it, and tells what it wrote. The header does not count as a row. */
export async function writeTextFile(file: TextFile, dir: string, { gzip = false, signal, onProgress }: Pick<GenerateOptions, 'gzip' | 'signal' | 'onProgress'>): Promise<{ name: string; rows: number; bytes: number }> {
  const name = gzip ? `${file.name}.gz` : file.name
  const path = join(dir, name)
  let rows = 0
  function* chunks(): Generator<string> {
    let chunk = file.header === undefined ? '' : `${file.header}\n`
    for (const line of file.lines()) {
      chunk += `${line}\n`
      rows += 1
      if (chunk.length < CHUNK) continue
      yield chunk
      onProgress?.({ file: name, rows })
      chunk = ''
    }
    yield chunk
    onProgress?.({ file: name, rows })
  }
  const text = Readable.from(chunks(), { objectMode: true, highWaterMark: 1 })
  const abort = signal ? { signal } : {}
  await (gzip ? pipeline(text, createGzip(), createWriteStream(path), abort) : pipeline(text, createWriteStream(path), abort))
  return { name, rows, bytes: (await stat(path)).size }
}

/** One line of CSV. Absent values are empty, truth is written as Python does. */
export const csv = (values: readonly (string | number | boolean | null)[]): string => values.map(cell).join(',')

function cell(value: string | number | boolean | null): string {
  if (typeof value === 'string') return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return value === null ? '' : String(value)
}

/** Rounded to cents. */
export const cents = (amount: number): number => Math.round(amount * 100) / 100
