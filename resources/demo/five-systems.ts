import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ExplainedError, type GeneratedSources, type GenerateOptions, type SourceGenerator } from '#framework'
import { crmFiles } from './crm.ts'
import { fxFiles } from './fx.ts'
import { kafkaFiles } from './kafka.ts'
import { LAST_DAY, populationOf } from './population.ts'
import { redshiftFiles } from './redshift.ts'
import { snowflakeFiles } from './snowflake.ts'
import { writeTextFile } from './text-file.ts'

/** The five systems that the platform reads, invented: customers, orders, contacts, clicks, rates and messages that fit together, with the real world's dirt (dirt.ts). */
export const generator: SourceGenerator = {
  description: 'Five source systems with invented data: CRM, Snowflake, Redshift, FX rates and Kafka messages.',
  generate: generateSources,
}

/** Left in the folder last; a folder without it is someone else's, and is not replaced. */
const MANIFEST = 'generated.json'

/** Writes all files beside the folder and then puts them in its place at once, so that a set is there whole or not at all. */
export async function generateSources(options: GenerateOptions): Promise<GeneratedSources> {
  const { customers, seed } = options
  if (!Number.isSafeInteger(customers) || customers < 1) throw new NotACount('customers', customers)
  if (!Number.isSafeInteger(seed)) throw new NotACount('seed', seed)
  const dir = resolve(options.dir)
  await refuseForeignFolder(dir)
  const staged = await stagingFolder(dir)
  try {
    const population = populationOf(customers, seed)
    const files = []
    for (const file of [...crmFiles(population), ...snowflakeFiles(population), ...redshiftFiles(population), ...fxFiles(population), ...kafkaFiles(population)]) {
      files.push(await writeTextFile(file, staged, options))
    }
    await writeFile(join(staged, MANIFEST), `${JSON.stringify({ generator: 'five-systems', customers, seed, lastDay: LAST_DAY, files }, undefined, 2)}\n`)
    await putInPlace(staged, dir)
    return { files }
  } finally {
    await rm(staged, { recursive: true, force: true })
  }
}

async function refuseForeignFolder(dir: string): Promise<void> {
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw error.code === 'ENOTDIR' ? new FolderInUse(dir, 'is a file') : error
  })
  if (entries.length > 0 && !entries.includes(MANIFEST)) throw new FolderInUse(dir, `holds ${entries.length} files that were not generated`)
}

async function stagingFolder(dir: string): Promise<string> {
  try {
    const staged = join(dirname(dir), `.${basename(dir)}.${randomUUID()}`)
    await mkdir(staged, { recursive: true })
    return staged
  } catch (error) {
    throw new FolderNotWritable(dir, (error as NodeJS.ErrnoException).code ?? String(error))
  }
}

async function putInPlace(staged: string, dir: string): Promise<void> {
  const replaced = `${staged}.replaced`
  await rename(dir, replaced).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(staged, dir)
  await rm(replaced, { recursive: true, force: true })
}

export class FolderInUse extends ExplainedError {
  readonly code = 'demo/folder-in-use'
  readonly hint = 'Name a folder that is new, empty, or was generated before.'
  constructor(readonly dir: string, why: string) {
    super(`${dir} ${why}; generating would replace it.`)
  }
}

export class FolderNotWritable extends ExplainedError {
  readonly code = 'demo/folder-not-writable'
  readonly hint = 'Name another folder with --dir, or change the permissions of the one above it.'
  constructor(readonly dir: string, why: string) {
    super(`${dir} cannot be written (${why}).`)
  }
}

export class NotACount extends ExplainedError {
  readonly code = 'demo/not-a-number'
  readonly hint = 'Write whole numbers: --customers 500 --seed 1.'
  constructor(name: string, value: number) {
    super(`${name} is ${value}, which is no whole number that can be used.`)
  }
}
