import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ExplainedError } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { checkedOnce } from './checked-once.ts'
import { withVariables } from './expanded.ts'
import { CONFIG_SCHEMA, DEFAULTS, type ProjectConfig } from './project-config.ts'

type Written = { readonly [Name in keyof ProjectConfig]?: Partial<ProjectConfig[Name]> }

/** Reads `config/<profile>.yaml` over the defaults. The profile `local` needs no file. */
export async function loadConfig(root: string, profile: string, cacheFolder: string): Promise<ProjectConfig> {
  const path = join(root, 'config', `${profile}.yaml`)
  if (!existsSync(path)) {
    if (profile === 'local') return DEFAULTS
    throw new UnknownProfile(profile, profiles(root))
  }
  const asWritten = await checkedOnce<Written>(root, path, CONFIG_SCHEMA, cacheFolder)
  const written = { ...(withVariables({ ...asWritten, ...READ_LATER }, process.env) as Written), ...readLater(asWritten) }
  return {
    ...DEFAULTS,
    ...written,
    sources: { ...DEFAULTS.sources, ...written.sources, demo: { ...DEFAULTS.sources.demo, ...written.sources?.demo } },
    ingestion: { ...DEFAULTS.ingestion, ...written.ingestion },
    freshness: { ...DEFAULTS.freshness, ...written.freshness },
    automation: { ...DEFAULTS.automation, ...written.automation },
    alerts: { ...DEFAULTS.alerts, ...written.alerts },
    pii: { ...DEFAULTS.pii, ...written.pii },
    aws: { ...DEFAULTS.aws, ...written.aws },
    cache: { ...DEFAULTS.cache, ...written.cache },
    lineage: { ...DEFAULTS.lineage, ...written.lineage },
    engines: { ...DEFAULTS.engines, ...written.engines },
    secrets: { ...DEFAULTS.secrets, ...written.secrets },
    tables: { ...DEFAULTS.tables, ...written.tables, smallFiles: { ...DEFAULTS.tables.smallFiles, ...written.tables?.smallFiles } },
    duckdb: { ...DEFAULTS.duckdb, ...written.duckdb },
  } as ProjectConfig
}

/** These read their variables when they are needed: who never tells anyone needs no address and no password for it, and who names a lake by hand no bucket. */
const READ_LATER = { lake: undefined, lineage: undefined, alerts: undefined, emrServerless: undefined, athena: undefined }
const readLater = ({ lake, lineage, alerts, emrServerless, athena }: Written) => ({ ...(lake !== undefined && { lake }), ...(lineage && { lineage }), ...(alerts && { alerts }), ...(emrServerless && { emrServerless }), ...(athena && { athena }) })

function profiles(root: string): string[] {
  const folder = join(root, 'config')
  const known = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.yaml')).map(name => name.slice(0, -5)) : []
  return known.filter(name => ['local', 'dev', 'prod'].includes(name) || !['lineage', 'dq', 'pii_masking'].includes(name))
}

export class UnknownProfile extends ExplainedError {
  readonly code = 'project/unknown-profile'
  readonly hint: string
  constructor(readonly profile: string, known: readonly string[]) {
    super(`There is no profile "${profile}": config/${profile}.yaml does not exist.`)
    this.hint = didYouMean(profile, [...known, 'local'], known.length > 0 ? `There are: ${known.join(', ')}.` : 'Write the file, or use --profile local.')
  }
}
