import type { DuckDBInstance } from '@duckdb/node-api'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { quoteLiteral } from '../vocabulary/sql.ts'
import { Connection } from './connection.ts'
import { Semaphore } from './semaphore.ts'

type NodeApi = typeof import('@duckdb/node-api')

export interface DatabaseOptions {
  /** As DuckDB writes it: `4GB`. Default: DuckDB's own, 80 % of the machine's memory. */
  readonly memoryLimit?: string | undefined
  /** Default: one per core. */
  readonly threads?: number | undefined
  /** Where to spill to when memory runs out, and where small scratch files go. Default: a folder of our own under the system's. */
  readonly tempDirectory?: string | undefined
}

/**
 * DuckDB, embedded and in memory: one instance for the process, many connections. The native library is loaded by {@link open}, not
 * by the import. Every running query holds a thread of libuv's pool, which file reads need too, so no more queries run at once than
 * the pool has threads, less one. The pool has 4 unless `UV_THREADPOOL_SIZE` is set before the process starts (the command line sets it).
 */
export class Database {
  readonly #idle: Connection[] = []
  readonly #all = new Set<Connection>()
  #closed = false

  private constructor(readonly api: NodeApi, readonly instance: DuckDBInstance, readonly gate: Semaphore, readonly scratch: string, readonly ownsScratch: boolean) {}

  static async open(options: DatabaseOptions = {}): Promise<Database> {
    const api = await import('@duckdb/node-api')
    const instance = await api.DuckDBInstance.create(':memory:')
    const scratch = options.tempDirectory ?? mkdtempSync(join(tmpdir(), 'varve-duckdb-'))
    const poolSize = Number(process.env['UV_THREADPOOL_SIZE']) || 4
    const database = new Database(api, instance, new Semaphore(Math.max(1, poolSize - 1)), scratch, options.tempDirectory === undefined)
    await database.use(async connection => {
      for (const setting of settings(options, scratch)) await connection.run(`set ${setting}`)
    })
    return database
  }

  /** A connection from the pool, or a new one. The caller releases it. */
  async connection(): Promise<Connection> {
    if (this.#closed) throw new Error('The database is closed')
    const idle = this.#idle.pop()
    if (idle) return idle
    const native = await this.gate.within(() => this.instance.connect())
    const connection = new Connection(this.api, native, this.gate, back => this.#idle.push(back))
    this.#all.add(connection)
    return connection
  }

  /** Lends a connection to the work. After a failure the connection is closed, so that nothing half done is left on it. */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.connection()
    try {
      const answer = await work(connection)
      connection.release()
      return answer
    } catch (error) {
      this.#all.delete(connection)
      connection.native.closeSync()
      throw error
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const connection of this.#all) connection.native.closeSync()
    this.instance.closeSync()
    if (this.ownsScratch) rmSync(this.scratch, { recursive: true, force: true })
  }
}

/** Session settings made global, so that every later connection has them. Extensions are never downloaded: what a lake needs is built in. */
function settings({ memoryLimit, threads }: DatabaseOptions, scratch: string): string[] {
  return [
    "global TimeZone = 'UTC'",
    'global autoinstall_known_extensions = false',
    'global autoload_known_extensions = false',
    `global temp_directory = ${quoteLiteral(scratch)}`,
    ...(memoryLimit === undefined ? [] : [`global memory_limit = ${quoteLiteral(memoryLimit)}`]),
    ...(threads === undefined ? [] : [`global threads = ${Math.max(1, Math.floor(threads))}`]),
  ]
}
