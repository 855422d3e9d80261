import { ticksOf } from '../partitions/ticks.ts'
import { selectionOfArguments } from '../graph/selection-arguments.ts'
import { select } from '../graph/selection.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import { BadSchedule } from './automation-rules.ts'
import { ExplainedError } from '../vocabulary/errors.ts'

/** `maintenance:` in the configuration: when the daemon packs tables and takes away what they do not need any more. */
export interface MaintenanceConfig {
  readonly cron: string
  /** Default: UTC. */
  readonly timezone?: string | undefined
  /** Which assets. Default: all. */
  readonly select?: string | readonly string[] | undefined
  /** Default: both. */
  readonly do?: readonly ('optimize' | 'vacuum')[] | undefined
  /** Default: what each table says, else 168. */
  readonly retainHours?: number | undefined
  /** Whether a table is packed, besides, as soon as a run leaves it in many small files. Default: false. */
  readonly onSmallFiles?: boolean | undefined
  readonly catchUp?: 'latest' | 'skip' | undefined
}

export const MAINTENANCE_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['cron'],
  properties: {
    cron: { type: 'string' },
    timezone: { type: 'string' },
    select: { oneOf: [{ type: 'string', minLength: 1 }, { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } }] },
    do: { type: 'array', minItems: 1, uniqueItems: true, items: { enum: ['optimize', 'vacuum'] } },
    onSmallFiles: { type: 'boolean' },
    retainHours: { type: 'integer', minimum: 168 },
    catchUp: { enum: ['latest', 'skip'] },
  },
} as const

/** @returns what of it cannot be kept */
export function maintenanceMistakes(graph: AssetGraph, config: MaintenanceConfig | undefined): ExplainedError[] {
  if (!config) return []
  try {
    ticksOf(config.cron, config.timezone ?? 'UTC')
    select(graph, selectionOfArguments(selectionOf(config)))
    return []
  } catch (error) {
    if (!(error instanceof ExplainedError)) throw error
    return [new BadSchedule('maintenance', error)]
  }
}

export const timesOf = ({ cron, timezone = 'UTC', catchUp = 'latest' }: MaintenanceConfig) => ({ cron, timezone, catchUp })

export const selectionOf = ({ select: written = [] }: MaintenanceConfig): readonly string[] => (typeof written === 'string' ? [written] : written)
