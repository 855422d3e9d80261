import type { Profile } from '../delta/protocol.ts'
import { byteCount } from '../delta/write-data-files.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import type { TableSettings } from '../storage/table-settings.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'

/** `tables:` in the configuration: of a layer, and of single assets, which count more. */
export interface TablesConfig {
  readonly layers: Readonly<Record<string, TableConfig>>
  readonly assets: Readonly<Record<string, TableConfig>>
  readonly smallFiles: { readonly warnAt: number; readonly below: string }
  /** In rows. */
  readonly partsFrom: number
}

interface TableConfig {
  readonly profile?: Profile | undefined
  readonly zorderBy?: readonly string[] | undefined
  readonly targetFileSize?: string | undefined
  /** Delta's own, as `delta.enableChangeDataFeed`. */
  readonly properties?: Readonly<Record<string, string | number | boolean>> | undefined
}

export const TABLES_DEFAULTS: TablesConfig = { layers: {}, assets: {}, smallFiles: { warnAt: 50, below: '16MB' }, partsFrom: 20_000 }

const SIZE = { type: 'string', pattern: '^[1-9]\\d{0,14}\\s*([KMGTkmgt]i?)?[Bb]?$' } as const

const TABLE = {
  type: 'object',
  additionalProperties: false,
  properties: { profile: { enum: ['compat', 'modern'] }, zorderBy: { type: 'array', minItems: 1, maxItems: 8, uniqueItems: true, items: { type: 'string', minLength: 1 } }, targetFileSize: SIZE, properties: { type: 'object', propertyNames: { pattern: '^(delta\\.|[a-z])[A-Za-z0-9_.]*$' }, additionalProperties: { type: ['string', 'number', 'boolean'] } } },
} as const

export const TABLES_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    layers: { type: 'object', propertyNames: { pattern: '^[a-z][a-z0-9_]*$' }, additionalProperties: TABLE },
    assets: { type: 'object', additionalProperties: TABLE },
    smallFiles: { type: 'object', additionalProperties: false, properties: { warnAt: { type: 'integer', minimum: 2 }, below: SIZE } },
    partsFrom: { type: 'integer', minimum: 0 },
  },
} as const

/** How the table of an asset is to be laid out. */
export function tableSettings({ layers, assets, smallFiles, partsFrom }: TablesConfig, key: AssetKey): TableSettings {
  const [layer, asset] = [layers[key.split('/')[0]!], assets[key]]
  const { profile = 'compat', zorderBy, targetFileSize } = { ...layer, ...asset }
  const properties = Object.fromEntries(Object.entries({ ...layer?.properties, ...asset?.properties }).map(([name, value]) => [name, String(value)]))
  return { profile, properties, zorderBy, targetFileSize: byteCount(targetFileSize), smallFiles: { warnAt: smallFiles.warnAt, below: byteCount(smallFiles.below)! }, partsFrom }
}

/** @throws the names of assets and layers that are not there */
export function unknownTableNames(graph: AssetGraph, { layers, assets }: TablesConfig, known: readonly string[]): ExplainedError[] {
  return [
    ...Object.keys(assets).filter(key => !graph.has(key as AssetKey)).map(key => new TableOfNothing(`tables.assets.${key}`, key, didYouMean(key, graph.keys, 'Take the line out, or name an asset.'))),
    ...Object.keys(layers).filter(layer => !known.includes(layer)).map(layer => new TableOfNothing(`tables.layers.${layer}`, layer, didYouMean(layer, known, `There are: ${known.join(', ')}.`))),
  ]
}

export class TableOfNothing extends ExplainedError {
  readonly code = 'project/table-of-nothing'
  constructor(where: string, name: string, readonly hint: string) {
    super(`${where} in the configuration lays out tables of ${name}, which there is not.`)
  }
}
