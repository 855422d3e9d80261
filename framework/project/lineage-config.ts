import { toMillis, type Duration } from '../vocabulary/duration.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { expanded } from './expanded.ts'

/** Where runs are told to OpenLineage's readers. `${NAME}` and `${NAME:-default}` are read from the environment. */
export interface LineageConfig {
  readonly enabled: boolean | string
  readonly transport: 'http' | 'file' | 'console'
  /** Of the server, for http: events go to its `/api/v1/lineage`, unless it has a path of its own. */
  readonly url: string
  /** Of the jobs: which of the server's users this project is. */
  readonly namespace: string
  /** For file: events are appended there, one a line. Relative to the project. */
  readonly path: string
  /** Sent as a bearer's token. */
  readonly apiKey?: string | undefined
  /** How long one request may take. */
  readonly timeout: Duration
}

export const LINEAGE_DEFAULTS: LineageConfig = {
  enabled: false,
  transport: 'http',
  url: '${OPENLINEAGE_URL:-http://localhost:5000}',
  namespace: '${OPENLINEAGE_NAMESPACE:-varve}',
  path: '.varve/openlineage.ndjson',
  timeout: '5s',
}

const TEXT = { type: 'string', minLength: 1 } as const

export const LINEAGE_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    enabled: { oneOf: [{ type: 'boolean' }, { type: 'string', pattern: '^(true|false|\\$\\{[^}]+\\})$' }] },
    transport: { enum: ['http', 'file', 'console'] },
    url: TEXT,
    namespace: TEXT,
    path: TEXT,
    apiKey: TEXT,
    timeout: { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$' },
  },
} as const

/** What the configuration comes to in this environment. */
export interface LineageSettings {
  readonly enabled: boolean
  readonly transport: LineageConfig['transport']
  readonly url: URL
  readonly namespace: string
  readonly path: string
  readonly apiKey?: string | undefined
  readonly timeoutMs: number
}

/** @throws what of it the environment leaves open */
export function lineageSettings(config: LineageConfig, environment: NodeJS.ProcessEnv): LineageSettings {
  const enabled = String(typeof config.enabled === 'string' ? expanded(config.enabled, environment, 'lineage.enabled') : config.enabled).toLowerCase()
  const url = expanded(config.url, environment, 'lineage.url')
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw new NotAnAddress(url)
  return {
    enabled: enabled === 'true' || enabled === '1',
    transport: config.transport,
    url: endpoint(new URL(url)),
    namespace: expanded(config.namespace, environment, 'lineage.namespace'),
    path: expanded(config.path, environment, 'lineage.path'),
    apiKey: config.apiKey === undefined ? undefined : expanded(config.apiKey, environment, 'lineage.apiKey'),
    timeoutMs: toMillis(config.timeout),
  }
}

const endpoint = (url: URL): URL => (url.pathname === '/' ? new URL('/api/v1/lineage', url) : url)

export class NotAnAddress extends ExplainedError {
  readonly code = 'project/not-an-address'
  readonly hint = 'Write the server, as in url: ${OPENLINEAGE_URL:-http://localhost:5000}.'
  constructor(readonly url: string) {
    super(`lineage.url in the configuration comes to "${url}", which is no http address.`)
  }
}
