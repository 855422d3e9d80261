import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import type { Materialization } from '../vocabulary/materialization.ts'

/**
 * A run that made what was published already commits nothing. That it looked, and from which inputs and code it came to the same, is
 * noted beside the table, so that this memory too is the lake's.
 */
export async function confirm(folder: string, made: Materialization): Promise<void> {
  const path = join(folder, 'confirmed.json')
  const temporary = `${path}.${crypto.randomUUID()}.tmp`
  await mkdir(folder, { recursive: true })
  await writeFile(temporary, `${JSON.stringify(made)}\n`)
  crashpoint('note-hidden')
  await rename(temporary, path)
  crashpoint('note-written')
}

/** The note, if there is one. It counts while the table still is at its version. */
export async function confirmedOf(folder: string): Promise<Materialization | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'confirmed.json'), 'utf8')) as Materialization
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}
