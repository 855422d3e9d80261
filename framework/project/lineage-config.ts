import { fileURLToPath } from 'node:url'
import { toMillis, type Duration } from '../vocabulary/duration.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { expanded } from './expanded.ts'

/** Where runs are told to OpenLineage's readers. `${NAME}` and `${NAME:-default}` are read from the environment. */
export interface LineageConfig {
  readonly enabled: boolean | string
  /**
   * `http://server:5000`: a server; events go to its `/api/v1/lineage`, unless the address has a path of its own. `file:told.ndjson`: a file,
   * relative to the project, to which a line is added for each. `console`: the output for people.
   */
  readonly url: string
  /** Of the jobs: which of the server's users this project is. */
  readonly namespace: string
  /** Sent as a bearer's token. */
  readonly apiKey?: string | undefined
  /** How long one request may take. */
  readonly timeout: Duration
}

export const LINEAGE_DEFAULTS: LineageConfig = {
  enabled: false,
  url: '${OPENLINEAGE_URL:-http://localhost:5000}',
  namespace: '${OPENLINEAGE_NAMESPACE:-varve}',
  timeout: '5s',
}

const TEXT = { type: 'string', minLength: 1 } as const

export const LINEAGE_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    enabled: { oneOf: [{ type: 'boolean' }, { type: 'string', pattern: '^(true|false|\\$\\{[^}]+\\})$' }] },
    url: TEXT,
    namespace: TEXT,
    apiKey: TEXT,
    timeout: { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$' },
  },
} as const

/** What the configuration comes to in this environment. */
export interface LineageSettings {
  readonly enabled: boolean
  readonly to: LineageTarget
  readonly namespace: string
}

export type LineageTarget =
  | { readonly type: 'http'; readonly url: URL; readonly apiKey?: string | undefined; readonly timeoutMs: number }
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'console' }

/** @throws what of it the environment leaves open */
export function lineageSettings(config: LineageConfig, environment: NodeJS.ProcessEnv): LineageSettings {
  const enabled = String(typeof config.enabled === 'string' ? expanded(config.enabled, environment, 'lineage.enabled') : config.enabled).toLowerCase()
  return {
    enabled: enabled === 'true' || enabled === '1',
    to: targetOf(config, environment),
    namespace: expanded(config.namespace, environment, 'lineage.namespace'),
  }
}

function targetOf({ url: written, apiKey, timeout }: LineageConfig, environment: NodeJS.ProcessEnv): LineageTarget {
  const url = expanded(written, environment, 'lineage.url')
  if (url === 'console') return { type: 'console' }
  if (url.startsWith('file:///')) return { type: 'file', path: fileURLToPath(url) }
  if (/^file:(?!\/\/)./.test(url)) return { type: 'file', path: url.slice('file:'.length) }
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw new NotAnAddress(url)
  return { type: 'http', url: endpoint(new URL(url)), apiKey: (apiKey === undefined ? '' : expanded(apiKey, environment, 'lineage.apiKey')) || undefined, timeoutMs: toMillis(timeout) }
}

const endpoint = (url: URL): URL => (url.pathname === '/' ? new URL('/api/v1/lineage', url) : url)

export class NotAnAddress extends ExplainedError {
  readonly code = 'project/not-an-address'
  readonly hint = 'Write a server, as in url: ${OPENLINEAGE_URL:-http://localhost:5000}, a file, as in file:told.ndjson, or console.'
  constructor(readonly url: string) {
    super(`lineage.url in the configuration comes to "${url}", which is none.`)
  }
}
