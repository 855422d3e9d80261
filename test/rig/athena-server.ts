import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import { AwsServer, textOf } from './aws-server.ts'

/** What a query came to: rows as Athena tells them, all as text, or files that it left. */
export interface Outcome {
  readonly columns?: readonly { readonly Name: string; readonly Type: string; readonly Precision?: number; readonly Scale?: number }[]
  readonly rows?: readonly (readonly (string | null)[])[]
  readonly files?: readonly string[]
  readonly scanned?: number
}

/** Carries out a query. What it throws is the reason for which the query failed. */
export type Execute = (sql: string, signal: AbortSignal) => Promise<Outcome>

interface Asked {
  readonly QueryString: string
  readonly ClientRequestToken?: string
  readonly WorkGroup?: string
  readonly QueryExecutionContext?: { readonly Catalog?: string; readonly Database?: string }
  readonly ResultConfiguration?: { readonly OutputLocation?: string }
}

export interface HeldQuery {
  readonly id: string
  readonly asked: Asked
  readonly submittedAt: number
  readonly ending: AbortController
  state: string
  reason?: string
  retryable?: boolean
  startedAt?: number
  endedAt?: number
  outcome?: Outcome
  /** What a query that goes on has scanned so far. */
  scanned: number
}

export interface AthenaServerOptions {
  readonly execute: Execute
  /** How long a query waits in the queue. */
  readonly queuedMs?: number
  /** Makes an object at an address; by default a file of this machine. */
  readonly put?: (address: string, text: string) => Promise<void>
  /** At most so many rows a page, whatever is asked for. */
  readonly page?: number
  /** The first page holds nothing, and names the next. */
  readonly emptyFirst?: boolean
}

/** A failure as Athena classifies it: by its own word, another try may go well. */
export class RetryableFailure extends Error {}

/** Speaks what queries need of the protocols of Athena and of Glue's catalog, with their states, tokens, pages and refusals. */
export class AthenaServer extends AwsServer {
  readonly queries = new Map<string, HeldQuery>()
  readonly databases = new Map<string, Map<string, Record<string, unknown>>>()
  readonly workgroups = new Map<string, Record<string, unknown>>([['primary', { Name: 'primary', State: 'ENABLED', Configuration: { EnforceWorkGroupConfiguration: false, EngineVersion: { EffectiveEngineVersion: 'Athena engine version 3' } } }]])
  readonly #options: AthenaServerOptions

  private constructor(options: AthenaServerOptions) {
    super()
    this.#options = options
  }

  static start(options: AthenaServerOptions): Promise<AthenaServer> {
    return new AthenaServer(options).listen()
  }

  protected* endings(): Iterable<AbortController> {
    for (const { ending } of this.queries.values()) yield ending
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse((await textOf(request)) || '{}') as Record<string, unknown>
    const call = String(request.headers['x-amz-target']).split('.').at(-1)!
    const fault = this.faultOf(call)
    if (fault === 'throttle') return this.refuse(response, 400, 'TooManyRequestsException', 'Rate exceeded')
    if (this.faulty(fault, response)) return
    const answer = this.#answer(call, body)
    if (fault === 'drop') return void request.socket.destroy()
    if (answer instanceof Refused) return this.refuse(response, 400, answer.type, answer.message)
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer))
  }

  protected refuse(response: ServerResponse, status: number, type: string, message: string): void {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type }).end(JSON.stringify({ __type: type, message, Message: message }))
  }

  #answer(call: string, body: Record<string, unknown>): Record<string, unknown> | Refused {
    switch (call) {
      case 'StartQueryExecution': return this.#start(body as unknown as Asked)
      case 'GetQueryExecution': return this.#with(body, query => ({ QueryExecution: this.#told(query) }))
      case 'GetQueryResults': return this.#with(body, query => this.#page(query, body))
      case 'StopQueryExecution': return this.#with(body, query => {
        if (query.endedAt !== undefined) return new Refused('InvalidRequestException', `Query has already completed`)
        // It takes a moment until it has ended.
        setTimeout(() => this.#end(query, 'CANCELLED', 'Query cancelled by user'), 50)
        return {}
      })
      case 'GetWorkGroup': {
        const found = this.workgroups.get(String(body['WorkGroup']))
        return found ? { WorkGroup: found } : new Refused('InvalidRequestException', `WorkGroup ${String(body['WorkGroup'])} is not found.`)
      }
      case 'GetDatabase': return this.databases.has(String(body['Name'])) ? { Database: { Name: body['Name'] } } : absent(`Database ${String(body['Name'])} not found.`)
      case 'CreateDatabase': {
        const { Name: name } = body['DatabaseInput'] as { Name: string }
        if (this.databases.has(name)) return new Refused('AlreadyExistsException', 'Database already exists.')
        this.databases.set(name, new Map())
        return {}
      }
      case 'GetTable': case 'CreateTable': case 'UpdateTable': case 'DeleteTable': return this.#table(call, body)
      default: return new Refused('InvalidRequestException', `There is no ${call} here`)
    }
  }

  #table(call: string, body: Record<string, unknown>): Record<string, unknown> | Refused {
    const tables = this.databases.get(String(body['DatabaseName']))
    if (!tables) return absent(`Database ${String(body['DatabaseName'])} not found.`)
    const input = body['TableInput'] as Record<string, unknown> | undefined
    const name = String(input?.['Name'] ?? body['Name'])
    if (call === 'CreateTable' && tables.has(name)) return new Refused('AlreadyExistsException', 'Table already exists.')
    if (call !== 'CreateTable' && !tables.has(name)) return absent(`Table ${name} not found.`)
    if (call === 'GetTable') return { Table: { ...tables.get(name), DatabaseName: body['DatabaseName'] } }
    if (call === 'DeleteTable') tables.delete(name)
    else tables.set(name, input!)
    return {}
  }

  #with(body: Record<string, unknown>, use: (query: HeldQuery) => Record<string, unknown> | Refused): Record<string, unknown> | Refused {
    const query = this.queries.get(String(body['QueryExecutionId']))
    return query ? use(query) : new Refused('InvalidRequestException', `QueryExecution ${String(body['QueryExecutionId'])} was not found`)
  }

  /** The same token gives the same query, whatever became of it; with another text it is refused. */
  #start(asked: Asked): Record<string, unknown> | Refused {
    const token = asked.ClientRequestToken ?? ''
    if (token.length < 32 || token.length > 128) return new Refused('InvalidRequestException', 'ClientRequestToken must have length between 32 and 128')
    if (!this.workgroups.has(asked.WorkGroup ?? 'primary')) return new Refused('InvalidRequestException', `WorkGroup ${asked.WorkGroup} is not found.`)
    const known = [...this.queries.values()].find(query => query.asked.ClientRequestToken === token)
    if (known) return JSON.stringify(known.asked) === JSON.stringify(asked) ? { QueryExecutionId: known.id } : new Refused('InvalidRequestException', 'Idempotent parameters do not match')
    const query: HeldQuery = { id: randomUUID(), asked, submittedAt: Date.now(), ending: new AbortController(), state: 'QUEUED', scanned: 0 }
    this.queries.set(query.id, query)
    void this.#carryOut(query)
    return { QueryExecutionId: query.id }
  }

  async #carryOut(query: HeldQuery): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, this.#options.queuedMs ?? 10))
    if (query.endedAt !== undefined || !(await this.queue.passed(query.ending.signal))) return
    query.state = 'RUNNING'
    query.startedAt = Date.now()
    try {
      const outcome = await this.#options.execute(query.asked.QueryString, query.ending.signal)
      if (query.endedAt !== undefined) return
      if (outcome.files) await (this.#options.put ?? putFile)(manifestOf(query), outcome.files.map(file => `${file}\n`).join(''))
      query.outcome = outcome
      this.#end(query, 'SUCCEEDED')
    } catch (error) {
      query.retryable = error instanceof RetryableFailure
      this.#end(query, 'FAILED', (error as Error).message)
    }
  }

  /** Ends a query from outside, as a limit of the workgroup does. */
  end(id: string, state: string, reason: string): void {
    this.#end(this.queries.get(id)!, state, reason)
  }

  #end(query: HeldQuery, state: string, reason?: string): void {
    if (query.endedAt !== undefined) return
    Object.assign(query, { state, endedAt: Date.now(), ...(reason !== undefined && { reason }) })
    query.ending.abort()
  }

  #told(query: HeldQuery): Record<string, unknown> {
    const { id, asked, submittedAt, startedAt, endedAt, state, reason, outcome, scanned, retryable } = query
    const now = endedAt ?? Date.now()
    const shown = endedAt === undefined && state === 'RUNNING' && this.strangeState !== undefined ? this.strangeState : state
    return {
      QueryExecutionId: id, Query: asked.QueryString, StatementType: /^\s*(create|drop|alter|msck)/i.test(asked.QueryString) ? 'DDL' : 'DML', WorkGroup: asked.WorkGroup ?? 'primary', QueryExecutionContext: asked.QueryExecutionContext,
      ResultConfiguration: { OutputLocation: `${outputOf(query)}/${id}.csv` },
      Status: { State: shown, StateChangeReason: reason, SubmissionDateTime: submittedAt / 1000, ...(endedAt !== undefined && { CompletionDateTime: endedAt / 1000 }), ...(state === 'FAILED' && { AthenaError: { ErrorCategory: 2, ErrorType: 1001, Retryable: retryable ?? false, ErrorMessage: reason } }) },
      Statistics: {
        DataScannedInBytes: outcome?.scanned ?? scanned, TotalExecutionTimeInMillis: now - submittedAt, QueryQueueTimeInMillis: (startedAt ?? now) - submittedAt, ...(startedAt !== undefined && { EngineExecutionTimeInMillis: now - startedAt }),
        ...(outcome?.files && { DataManifestLocation: manifestOf(query) }),
      },
    }
  }

  /** The first page of a SELECT begins with a row of names. */
  #page(query: HeldQuery, body: Record<string, unknown>): Record<string, unknown> | Refused {
    if (query.state !== 'SUCCEEDED') return new Refused('InvalidRequestException', `Query has not yet finished. Current state: ${query.state}`)
    const { columns = [], rows = [] } = query.outcome ?? {}
    const all = columns.length > 0 ? [columns.map(({ Name }) => Name), ...rows] : rows
    const from = Number(body['NextToken'] ?? 0)
    const to = this.#options.emptyFirst && body['NextToken'] === undefined ? 0 : from + Math.min(Number(body['MaxResults'] ?? 1000), this.#options.page ?? 1000)
    return {
      UpdateCount: 0,
      ResultSet: { Rows: all.slice(from, to).map(row => ({ Data: row.map(value => (value === null ? {} : { VarCharValue: value })) })), ResultSetMetadata: { ColumnInfo: columns.map(column => ({ CatalogName: 'hive', SchemaName: '', TableName: '', Label: column.Name, Nullable: 'UNKNOWN', CaseSensitive: false, ...column })) } },
      ...(to < all.length && { NextToken: String(to) }),
    }
  }
}

class Refused {
  constructor(readonly type: string, readonly message: string) {}
}

const absent = (message: string): Refused => new Refused('EntityNotFoundException', message)
const outputOf = ({ asked }: HeldQuery): string => (asked.ResultConfiguration?.OutputLocation ?? '/tmp/athena-output').replace(/\/+$/, '')
const manifestOf = (query: HeldQuery): string => `${outputOf(query)}/${query.id}-manifest.csv`

async function putFile(path: string, text: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
