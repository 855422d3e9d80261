import { join } from 'node:path'
import { filesAt } from '../objects/lake-files.ts'
import type { Materialization } from '../vocabulary/materialization.ts'

/**
 * A run that made what was published already commits nothing. That it looked, and from which inputs and code it came to the same, is
 * noted beside the table, so that this memory too is the lake's.
 */
export async function confirm(folder: string, made: Materialization): Promise<void> {
  await filesAt(folder).replace(join(folder, NOTE), `${JSON.stringify(made)}\n`)
}

/** The note, if there is one. It counts while the table still is at its version. */
export async function confirmedOf(folder: string): Promise<Materialization | undefined> {
  const text = await filesAt(folder).read(join(folder, NOTE))
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Materialization)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const NOTE = 'confirmed.json'
