import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ContainerInstance } from 'typedi'
import type { AssetBody, AssetDefinition } from '../definition/asset-definition.ts'
import { FORMATS, type SourceFile } from '../definition/file-asset.ts'
import type { Contract } from '../definition/contract.ts'
import { isRemote } from '../objects/object-place.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { throwMistakes, ExplainedError } from '../vocabulary/errors.ts'
import type { Observation } from '../vocabulary/lake-state.ts'
import { fingerprint, type DataVersion } from '../vocabulary/version.ts'
import { SourceNotListed, UnknownFormat } from './landing-errors.ts'
import type { Landing } from './landing.ts'

export interface ObserverCollaborators {
  readonly landing: Landing
  readonly services: ContainerInstance
  readonly contracts: ReadonlyMap<string, Contract>
  /** Relative locations of external tables count from here. */
  readonly root: string
  /** Where the sources' exports are, for messages. */
  readonly sources: string
  readonly unreadable: Unreadable
  /** The version of a Delta table that someone else fills, and its id. */
  readonly deltaHead: (location: string) => Promise<string | undefined>
}

/**
 * What becomes of a source that can't be taken in: all are refused together before anything is written; or it is left out, for those who only look; or its
 * own step fails, and the others go on.
 */
export type Unreadable = 'refuse' | 'leave out' | 'fail its step'

/** Looks at every source that these assets stand for. @throws all mistakes together, where sources that can't be taken in are refused */
export async function observeSources(definitions: readonly AssetDefinition[], collaborators: ObserverCollaborators): Promise<Map<AssetKey, Observation>> {
  const observations = new Map<AssetKey, Observation>()
  const mistakes: ExplainedError[] = []
  for (const definition of definitions) {
    try {
      const seen = await observe(definition, collaborators)
      if (seen) observations.set(definition.key, seen)
    } catch (error) {
      if (!(error instanceof ExplainedError)) throw error
      if (collaborators.unreadable === 'refuse') mistakes.push(error)
      if (collaborators.unreadable === 'fail its step') observations.set(definition.key, { asset: definition.key, what: definition.key, refused: error })
    }
  }
  throwMistakes(mistakes)
  return observations
}

async function observe(definition: AssetDefinition, { landing, services, contracts, root, sources, deltaHead }: ObserverCollaborators): Promise<Observation | undefined> {
  if (definition.kind !== 'files' && definition.kind !== 'external') return undefined
  const body = definition.body(services)
  if (body.kind === 'files') return landing.observe(definition.key, await filesOf(definition, body), { optional: body.optional, malformed: body.malformed, expectedIn: sources, contract: contracts.get(definition.contract ?? '') })
  if (body.kind !== 'external') throw new Error(`${definition.key} changed its kind`)
  const location = isRemote(body.location) ? body.location : resolve(root, body.location)
  if (body.format === 'delta') return { asset: definition.key, what: location, dataVersion: (await deltaHead(location)) as DataVersion | undefined }
  // A glob has no state of its own that could be told cheaply; one file has.
  const found = await stat(location).catch(() => undefined)
  const dataVersion = found && (`stat:${fingerprint(String(found.size), String(found.mtimeMs), String(found.ino)).slice(0, 32)}` as DataVersion)
  return { asset: definition.key, what: location, dataVersion }
}

/** @throws {SourceNotListed} where the asset's own code cannot tell its files */
async function filesOf(definition: AssetDefinition, body: Extract<AssetBody, { kind: 'files' }>): Promise<readonly SourceFile[]> {
  try {
    const files = await body.files()
    for (const { name, format } of files) if (!FORMATS.includes(format)) throw new UnknownFormat(definition, name, format)
    return files
  } catch (error) {
    throw error instanceof ExplainedError ? error : new SourceNotListed(definition, error as Error)
  }
}
