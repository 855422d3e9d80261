import type { AssetGraph } from '../graph/asset-graph.ts'
import { objectPlace } from '../objects/object-place.ts'
import { landingFolder, type LandingLayout } from '../storage/landing-layout.ts'
import type { Contract } from '../definition/contract.ts'
import { isTable, type AssetDefinition } from '../definition/asset-definition.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { inWords } from '../vocabulary/near-names.ts'

/** `lifecycle:` in the configuration: when objects of layers go to cheaper storage. */
export interface LifecycleRule {
  /** A layer, or an asset's key. */
  readonly prefix: string
  /** In days since the object was made: to STANDARD_IA. S3 wants 30 at least. */
  readonly infrequentAccessAfter?: number | undefined
  /** In days: to {@link archive}. */
  readonly archiveAfter?: number | undefined
  /** GLACIER has to be asked for hours before it can be read; GLACIER_IR can be read at once. Default: GLACIER. */
  readonly archive?: 'GLACIER' | 'GLACIER_IR' | 'DEEP_ARCHIVE' | undefined
}

const DAYS = { type: 'integer', minimum: 1 } as const

export const LIFECYCLE_SCHEMA = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['prefix'],
    properties: { prefix: { type: 'string', pattern: '^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?$' }, infrequentAccessAfter: DAYS, archiveAfter: DAYS, archive: { enum: ['GLACIER', 'GLACIER_IR', 'DEEP_ARCHIVE'] } },
  },
} as const

/** One rule as S3 has it. */
export interface BucketRule {
  readonly ID: string
  readonly Status: 'Enabled'
  readonly Filter: { readonly Prefix: string }
  readonly Transitions?: readonly { readonly Days: number; readonly StorageClass: 'STANDARD_IA' | 'GLACIER' | 'GLACIER_IR' | 'DEEP_ARCHIVE' }[]
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number }
}

export interface Lifecycle {
  readonly rules: readonly BucketRule[]
  /** What a rule of the configuration names, but must not touch. */
  readonly excluded: readonly { readonly prefix: string; readonly reason: string }[]
}

/** By this prefix of their ids the rules are known that are ours. */
export const OURS = 'varve-'
const LEAST_DAYS = 30
const ABANDONED_DAYS = 7

export interface LifecycleInput {
  readonly graph: AssetGraph
  readonly contracts: ReadonlyMap<string, Contract>
  readonly layout: LandingLayout | undefined
  /** `s3://bucket/prefix` */
  readonly lake: string
}

/**
 * The bucket's rules, as the configuration wants them. Of a Delta table nothing may move: which of its files are old does not tell which of them a
 * version needs, and its log is read by every reader. Raw batches may; their manifests stay. @throws {LifecycleMistake}
 */
export function lifecycleOf(config: readonly LifecycleRule[], { graph, contracts, layout, lake }: LifecycleInput): Lifecycle {
  const { prefix: below } = objectPlace(lake)
  const rules: BucketRule[] = [{ ID: `${OURS}abandoned-uploads`, Status: 'Enabled', Filter: { Prefix: below }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: ABANDONED_DAYS } }]
  const excluded: { prefix: string; reason: string }[] = []
  for (const rule of config) {
    const Transitions = transitions(rule)
    const concerned = graph.keys.filter(key => key === rule.prefix || key.startsWith(`${rule.prefix}/`)).map(key => graph.get(key))
    if (concerned.length === 0) throw new LifecycleMistake(`The lifecycle rule for ${rule.prefix} concerns no asset.`, `Name a layer or an asset: ${inWords([...new Set(graph.keys.map(key => key.split('/')[0]!))], 'or')}.`)
    for (const definition of concerned) {
      const { key, kind } = definition
      if (kind === 'files') rules.push({ ID: `${OURS}${key.replace('/', '-')}`, Status: 'Enabled', Filter: { Prefix: `${below}${rawPrefix(definition, contracts, layout)}` }, Transitions })
      else if (isTable(definition)) excluded.push({ prefix: `${below}${key}/`, reason: `${key} is a live Delta table: a version may need its oldest files, and every reader its log. Old versions go with varve vacuum.` })
    }
  }
  return { rules, excluded }
}

/** Up to the date: what is below it are the bytes as they came, and never a manifest. */
function rawPrefix({ key, contract: name }: AssetDefinition, contracts: ReadonlyMap<string, Contract>, layout: LandingLayout | undefined): string {
  if (!layout) return `${key}/_proc_date=`
  const contract = contracts.get(name ?? '')
  const folder = landingFolder(layout, { asset: key, source: contract?.source, table: contract?.table, procDate: MARK, run: MARK })
  return folder.slice(0, folder.indexOf(MARK))
}

const MARK = '\0'

function transitions({ prefix, infrequentAccessAfter: ia, archiveAfter, archive = 'GLACIER' }: LifecycleRule): NonNullable<BucketRule['Transitions']> {
  if (ia === undefined && archiveAfter === undefined) throw new LifecycleMistake(`The lifecycle rule for ${prefix} moves nothing.`, 'Give it infrequentAccessAfter or archiveAfter, in days.')
  if (ia !== undefined && ia < LEAST_DAYS) throw new LifecycleMistake(`The lifecycle rule for ${prefix} moves objects to STANDARD_IA after ${ia} days, but S3 takes none before ${LEAST_DAYS}.`, `Write ${LEAST_DAYS} or more.`)
  if (ia !== undefined && archiveAfter !== undefined && archiveAfter < ia + LEAST_DAYS) throw new LifecycleMistake(`The lifecycle rule for ${prefix} archives objects ${archiveAfter - ia} days after they went to STANDARD_IA, where each is paid for ${LEAST_DAYS} days.`, `Archive after ${ia + LEAST_DAYS} days or later.`)
  return [...(ia === undefined ? [] : [{ Days: ia, StorageClass: 'STANDARD_IA' as const }]), ...(archiveAfter === undefined ? [] : [{ Days: archiveAfter, StorageClass: archive }])]
}

export class LifecycleMistake extends ExplainedError {
  readonly code = 'project/lifecycle-mistake'
  constructor(message: string, readonly hint: string) {
    super(message)
  }
}
