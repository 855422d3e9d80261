import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { DeletionVectorDescriptor } from './actions.ts'
import { BrokenLog, StorageFailed } from './delta-errors.ts'
import { mirrorOf } from '../objects/mirror.ts'
import { bitmapOf, eachRow } from './roaring.ts'
import { resolvePath } from './table-paths.ts'
import { fromZ85, z85 } from './z85.ts'

/** Makes sure that the vectors can be read on this machine. */
export async function bringVectors(root: string, files: Iterable<{ readonly deletionVector?: DeletionVectorDescriptor | undefined }>): Promise<void> {
  await mirrorOf(root)?.bring([...files].flatMap(({ deletionVector }) => (deletionVector && vectorFile(root, deletionVector)) ?? []))
}

/** The rows of a file that count as deleted, in rising order. @throws {BrokenLog} where the vector is damaged or gone, {StorageFailed} where it may not be read */
export function deletedRows(root: string, vector: DeletionVectorDescriptor): number[] {
  const rows: number[] = []
  try {
    eachRow(vectorBytes(root, vector), row => rows.push(row))
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw new StorageFailed('read', vectorPlace(root, vector), error)
    throw new BrokenLog(`The deletion vector ${vectorPlace(root, vector)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`)
  }
  if (rows.length !== Number(vector.cardinality)) {
    throw new BrokenLog(`The deletion vector ${vectorPlace(root, vector)} has ${rows.length} rows where the log says ${vector.cardinality}.`)
  }
  return rows
}

/** The file that holds the vector; undefined for one that stands in the log itself. */
export function vectorFile(root: string, { storageType, pathOrInlineDv: text }: DeletionVectorDescriptor): string | undefined {
  if (storageType === 'i') return undefined
  if (storageType === 'p') return resolvePath(root, text)
  const prefix = text.slice(0, -20)
  const hex = fromZ85(text.slice(-20)).toString('hex')
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  return join(root, prefix, `deletion_vector_${uuid}.bin`)
}

/** Writes vectors of several files into one file of the table. @param vectors each the sorted rows of one data file @returns a descriptor for each */
export function writeDeletionVectors(root: string, vectors: readonly ArrayLike<number>[]): DeletionVectorDescriptor[] {
  const uuid = randomUUID()
  const pathOrInlineDv = z85(Buffer.from(uuid.replaceAll('-', ''), 'hex'))
  const parts: Buffer[] = [Buffer.from([1])]
  let offset = 1
  const descriptors = vectors.map(rows => {
    const bitmap = bitmapOf(rows)
    const around = Buffer.alloc(8)
    around.writeUInt32BE(bitmap.length, 0)
    around.writeUInt32BE(crc32(bitmap), 4)
    parts.push(around.subarray(0, 4), bitmap, around.subarray(4))
    const descriptor: DeletionVectorDescriptor = { storageType: 'u', pathOrInlineDv, offset, sizeInBytes: bitmap.length, cardinality: rows.length }
    offset += bitmap.length + 8
    return descriptor
  })
  const path = join(root, `deletion_vector_${uuid}.bin`)
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'wx')
  try {
    for (const part of parts) for (let at = 0; at < part.length;) at += writeSync(file, part, at)
    fsyncSync(file)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
  mirrorOf(root)?.wrote(path)
  return descriptors
}

function vectorBytes(root: string, vector: DeletionVectorDescriptor): Buffer {
  const path = vectorFile(root, vector)
  if (path === undefined) return fromZ85(vector.pathOrInlineDv).subarray(0, Number(vector.sizeInBytes))
  const size = Number(vector.sizeInBytes)
  const bytes = Buffer.alloc(size + 8)
  const file = openSync(path, 'r')
  try {
    const read = readSync(file, bytes, 0, bytes.length, Number(vector.offset ?? 1))
    if (read < bytes.length) throw new Error('the file is too short')
  } finally {
    closeSync(file)
  }
  if (bytes.readUInt32BE(0) !== size) throw new Error(`its size is ${bytes.readUInt32BE(0)} where the log says ${size}`)
  const data = bytes.subarray(4, 4 + size)
  if (crc32(data) !== bytes.readUInt32BE(4 + size)) throw new Error('its checksum does not match')
  return data
}

const vectorPlace = (root: string, vector: DeletionVectorDescriptor) => vectorFile(root, vector) ?? 'in the log'
