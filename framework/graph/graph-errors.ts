import type { AssetDefinition } from '../definition/asset-definition.ts'
import { layerOf, type AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'

export class Cycle extends ExplainedError {
  readonly code = 'graph/cycle'
  readonly hint = 'Remove one of these upstreams, or split the asset that needs both directions.'
  override readonly place: Place | undefined
  constructor(readonly path: readonly AssetKey[], members: readonly AssetDefinition[]) {
    super(`These assets wait for each other: ${path.join(' -> ')}.`)
    this.place = members.find(({ key }) => key === path[0])?.place
  }
}

export class DuplicateKey extends ExplainedError {
  readonly code = 'graph/duplicate-key'
  readonly hint = 'Give one of the two another key.'
  override readonly place: Place | undefined
  constructor(first: AssetDefinition, second: AssetDefinition) {
    super(`${first.key} is declared twice: by ${where(first)} and by ${where(second)}.`)
    this.place = second.place
  }
}

export class MissingUpstream extends ExplainedError {
  readonly code = 'graph/missing-upstream'
  readonly hint: string
  override readonly place: Place | undefined
  constructor(reader: AssetDefinition, property: string, readonly upstream: AssetKey, known: readonly string[]) {
    super(`${reader.key} reads ${upstream} as "${property}", but no such asset was loaded.`)
    this.hint = didYouMean(upstream, known, `Put it in assets/${upstream}.ts and export its class.`)
    this.place = reader.place
  }
}

export class UpstreamTwice extends ExplainedError {
  readonly code = 'graph/upstream-twice'
  readonly hint = 'Declare it once, and read it through that property wherever you need it.'
  override readonly place: Place | undefined
  constructor(reader: AssetDefinition, readonly upstream: AssetKey) {
    super(`${reader.key} declares the upstream ${upstream} twice.`)
    this.place = reader.place
  }
}

export class SinkIsRead extends ExplainedError {
  readonly code = 'graph/sink-is-read'
  readonly hint = 'Read what the sink itself is filled from: the lake is the source of truth, and a sink can be rebuilt from it.'
  override readonly place: Place | undefined
  constructor(reader: AssetDefinition, readonly upstream: AssetKey) {
    super(`${reader.key} reads ${upstream}, which publishes to a warehouse and can't be read.`)
    this.place = reader.place
  }
}

export class LowerLayerReadsHigher extends ExplainedError {
  readonly code = 'graph/lower-layer-reads-higher'
  readonly hint = 'Data flows up the layers only. Move one of the two assets, or change the order of `layers` in the configuration.'
  override readonly place: Place | undefined
  constructor(reader: AssetDefinition, readonly upstream: AssetKey) {
    super(`${reader.key} is in ${layerOf(reader.key)} and reads ${upstream} of the higher layer ${layerOf(upstream)}.`)
    this.place = reader.place
  }
}

export class UndeclaredRead extends ExplainedError {
  readonly code = 'graph/undeclared-read'
  readonly hint: string
  override readonly place: Place | undefined
  constructor(reader: AssetDefinition, what: string, readonly table: string, declared: readonly AssetKey[], known: readonly string[]) {
    super(`${what} reads ${table}, which is not among its upstreams (${declared.join(', ') || 'it has none'}).`)
    const meant = known.includes(table.replace('.', '/')) ? table.replace('.', '/') : undefined
    this.hint = meant
      ? `Add \`@Upstream(() => …) readonly …\` for ${meant}, and read it through that property: from \${this.…}.`
      : 'A query reads its upstreams, through their properties, and nothing else. A file becomes an upstream as a FileAsset or an ExternalAsset.'
    this.place = reader.place
  }
}

/** Rows are taken out before the table is there to be asked. */
export class RejectsByItself extends ExplainedError {
  readonly code = 'graph/rejects-by-itself'
  readonly hint = 'Say onFail: \'fail\' or \'warn\', which look at the table as it is made, or ask an upstream.'
  override readonly place: Place | undefined
  constructor({ key, place }: AssetDefinition, check: string) {
    super(`The check "${check}" of ${key} takes rows out, so it can't ask ${key} itself, which is made of the rows that are left.`)
    this.place = place
  }
}

export class NotAQuery extends ExplainedError {
  readonly code = 'graph/not-a-query'
  readonly hint: string
  override readonly place: Place | undefined
  constructor(reader: AssetDefinition, what: string, readonly problem: string, excerpt: string) {
    super(`${what} can't be read: ${problem}`)
    this.hint = `It must be one SELECT. Near: ${excerpt}`
    this.place = reader.place
  }
}

const where = (definition: AssetDefinition): string => `${definition.declaredAs}${definition.place ? ` in ${definition.place.file}` : ''}`
