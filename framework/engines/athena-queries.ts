import type { AthenaClient, ColumnInfo, GetQueryResultsCommandOutput, QueryExecution, Row } from '@aws-sdk/client-athena'
import { setTimeout as sleep } from 'node:timers/promises'
import { isUnknown, patiently, unlessRefused, withCredentials } from './aws-calls.ts'
import type { AthenaSettings } from './athena-settings.ts'
import type { Standing } from './emr-jobs.ts'

type Sdk = typeof import('@aws-sdk/client-athena')

/** The states of a query in Athena. One that is not known yet counts as running: it may end well. */
export function standingOf(state: string | undefined): { readonly standing: Standing; readonly known: boolean } {
  switch (state) {
    case 'QUEUED': return { standing: 'waiting', known: true }
    case 'RUNNING': return { standing: 'running', known: true }
    case 'SUCCEEDED': return { standing: 'succeeded', known: true }
    case 'FAILED': return { standing: 'failed', known: true }
    case 'CANCELLED': return { standing: 'cancelled', known: true }
    default: return { standing: 'running', known: false }
  }
}

export interface Watch {
  /** Told each new state. */
  readonly seen: (state: string, known: boolean) => void
  /** Asked at each look whether the query is to be stopped. */
  readonly isEnough?: ((query: QueryExecution) => boolean) | undefined
}

/** The calls of Athena that queries need. */
export class AthenaQueries {
  #client: Promise<{ readonly client: AthenaClient; readonly sdk: Sdk }> | undefined

  constructor(readonly settings: AthenaSettings) {}

  /** Starts a query, or finds the one that the token has started already. @returns its id */
  async start(sql: string, { token, database }: { readonly token: string; readonly database?: string | undefined }): Promise<string> {
    const { workgroup, catalog, output, kmsKey, poll } = this.settings
    // The token makes asking again harmless: Athena answers with the query that it started.
    const { QueryExecutionId: id } = await unlessRefused('Athena', () => patiently(() => this.#send((client, sdk) => client.send(new sdk.StartQueryExecutionCommand({
      QueryString: sql,
      ClientRequestToken: token,
      WorkGroup: workgroup,
      QueryExecutionContext: { Catalog: catalog, ...(database && { Database: database }) },
      ...((output || kmsKey) && { ResultConfiguration: { ...(output && { OutputLocation: output }), ...(kmsKey && { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS' as const, KmsKey: kmsKey } }) } }),
    }))), poll.first))
    return id!
  }

  async look(id: string, wait = this.settings.poll.first): Promise<QueryExecution> {
    const { QueryExecution: query } = await patiently(() => this.#send((client, sdk) => client.send(new sdk.GetQueryExecutionCommand({ QueryExecutionId: id }))), wait)
    return query!
  }

  /** As {@link look}; undefined where Athena does not know the query, or not any more: it forgets them after 45 days. */
  async find(id: string): Promise<QueryExecution | undefined> {
    try {
      return await this.look(id)
    } catch (error) {
      if (isUnknown(error)) return undefined
      throw error
    }
  }

  /** Stops a query; nothing where it has ended. */
  async cancel(id: string): Promise<void> {
    try {
      await patiently(() => this.#send((client, sdk) => client.send(new sdk.StopQueryExecutionCommand({ QueryExecutionId: id }))), this.settings.poll.first)
    } catch (error) {
      if ((error as Error).name !== 'InvalidRequestException') throw error
    }
  }

  /** Looks at a query until it has ended, less and less often. Refusals for haste and lost connections are looked over. */
  async ended(id: string, { seen, isEnough }: Watch): Promise<QueryExecution> {
    const { first, most } = this.settings.poll
    let last: string | undefined
    for (let wait = first; ; wait = Math.min(wait * 1.5, most)) {
      const query = await this.look(id, wait)
      const state = query.Status?.State
      const { standing, known } = standingOf(state)
      if (state !== last) {
        last = state
        seen(String(state), known)
        wait = Math.min(wait, first * 4)
      }
      if (standing !== 'waiting' && standing !== 'running') return query
      // Told until it heeds it: of what is said once, the word may be lost.
      if (isEnough?.(query)) await this.cancel(id)
      await sleep(wait)
    }
  }

  /** What a query answered, page by page, without the line of names that Athena puts first. */
  async *pages(id: string): AsyncGenerator<{ readonly columns: readonly ColumnInfo[]; readonly rows: readonly Row[] }> {
    let token: string | undefined
    let begun = false
    do {
      const { ResultSet: set, NextToken: next }: GetQueryResultsCommandOutput = await patiently(() => this.#send((client, sdk) => client.send(new sdk.GetQueryResultsCommand({ QueryExecutionId: id, MaxResults: PAGE, ...(token && { NextToken: token }) }))), this.settings.poll.first)
      const columns = set?.ResultSetMetadata?.ColumnInfo ?? []
      const rows = set?.Rows ?? []
      yield { columns, rows: !begun && isHeading(rows[0], columns) ? rows.slice(1) : rows }
      begun ||= rows.length > 0
      token = next
    } while (token !== undefined)
  }

  close(): void {
    void this.#client?.then(({ client }) => client.destroy(), () => undefined)
    this.#client = undefined
  }

  async #send<T>(call: (client: AthenaClient, sdk: Sdk) => Promise<T>): Promise<T> {
    const { client, sdk } = await this.#opened()
    return withCredentials(() => call(client, sdk))
  }

  #opened() {
    return (this.#client ??= (async () => {
      process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
      const sdk = await import('@aws-sdk/client-athena')
      const { region, endpoint } = this.settings
      return { sdk, client: new sdk.AthenaClient({ ...(region && { region }), ...(endpoint && { endpoint }), maxAttempts: 1 }) }
    })())
  }
}

/** As many rows as Athena gives at once. */
const PAGE = 1000

const isHeading = (row: Row | undefined, columns: readonly ColumnInfo[]): boolean => columns.length > 0 && row?.Data?.length === columns.length && row.Data.every((datum, i) => datum.VarCharValue === columns[i]!.Name)
