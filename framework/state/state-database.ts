import Database from 'libsql'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { migrations } from './migrations.ts'
import { StateBusy, StateNotWritable, StateOfAnotherLake, StateTooNew, StateUnreadable } from './state-errors.ts'

type Value = string | number | null
export type Row = Readonly<Record<string, Value>>

/** `VARV`: tells our files from other SQLite files. */
const APPLICATION_ID = 0x56415256
const DEFAULT_PATIENCE_MS = 10_000

export interface StateOptions {
  readonly patienceMs?: number | undefined
  /** The name of the lake whose state it is. A file of another lake is refused. */
  readonly lake?: string | undefined
}

/** One SQLite file, opened when it is first needed and made when it is first written. Other processes may have it open too. */
export class StateDatabase {
  readonly path: string
  readonly #patienceMs: number
  readonly #lake: string | undefined
  readonly #statements = new Map<string, Database.Statement>()
  #database: Database.Database | undefined
  /** The count of {@link writesOfOthers} at which this process made the file, so that there was nothing before. */
  #made = 0

  constructor(path: string, { patienceMs = DEFAULT_PATIENCE_MS, lake }: StateOptions = {}) {
    this.path = path
    this.#patienceMs = patienceMs
    this.#lake = lake
  }

  /** The rows of a query; none while there is no file. */
  rows(query: string, ...values: Value[]): Row[] {
    if (!this.#database && !existsSync(this.path)) return []
    return this.#explained(() => this.#statement(query).all(...values) as Row[])
  }

  /** Writes one row or several. Only within {@link transaction}. */
  write(statement: string, ...values: Value[]): number {
    return this.#explained(() => this.#statement(statement).run(...values).changes)
  }

  /** Does all of it or nothing, with no other process writing in between. One within another is part of it. */
  transaction<T>(work: () => T): T {
    return this.#explained(() => {
      const database = this.#open()
      if (database.inTransaction) return work()
      this.#statement('begin immediate').run()
      try {
        const result = work()
        this.#statement('commit').run()
        return result
      } catch (error) {
        if (database.inTransaction) database.exec('rollback')
        throw error
      }
    })
  }

  /** Grows with whatever another connection writes; 0 where nothing ever did, be the file there or not. */
  writesOfOthers(): number {
    return Number(this.rows('pragma data_version')[0]?.['data_version'] ?? 0) - this.#made
  }

  /** Gives back to the disk what deleted rows took. */
  shrink(): void {
    if (this.#database) this.#explained(() => this.#open().pragma('incremental_vacuum'))
  }

  /** What JSON in a column says. */
  parse<T>(json: Value | undefined): T {
    try {
      return JSON.parse(String(json)) as T
    } catch {
      throw new StateUnreadable(this.path, 'a record in it is not whole')
    }
  }

  /** Brings the journal's content into the file, so that the file alone is the whole state, unless others still need the journal. */
  close(): void {
    const database = this.#database
    if (!database) return
    this.#database = undefined
    this.#made = 0
    this.#statements.clear()
    try {
      database.exec('pragma wal_checkpoint(passive)')
    } catch {
      // A full disk: what was written stands in the file beside it, and is taken over by whoever opens it next.
    } finally {
      database.close()
    }
  }

  #statement(text: string): Database.Statement {
    const database = this.#open()
    let statement = this.#statements.get(text)
    if (!statement) this.#statements.set(text, (statement = database.prepare(text)))
    return statement
  }

  #open(): Database.Database {
    if (this.#database) return this.#database
    try {
      mkdirSync(dirname(this.path), { recursive: true })
    } catch (error) {
      throw new StateNotWritable(this.path, reasonOf(error))
    }
    const database = new Database(this.path, { timeout: this.#patienceMs })
    try {
      this.#patiently(() => this.#prepare(database))
    } catch (error) {
      database.close()
      throw error
    }
    return (this.#database = database)
  }

  /** Brings the file to the newest form. The order matters: nothing is changed in a file before it is known to be ours. */
  #prepare(database: Database.Database): void {
    const number = (pragma: string) => Number(Object.values((database.pragma(pragma) as Row[])[0]!)[0])
    const ours = number('application_id') === APPLICATION_ID
    const isEmpty = (database.prepare('select count(*) as tables from sqlite_schema').all()[0] as Row)['tables'] === 0
    if (!ours && !isEmpty) throw new StateUnreadable(this.path, 'it is a SQLite database, but not one of Varve')
    const form = number('user_version')
    if (form > migrations.length) throw new StateTooNew(this.path, form, migrations.length)
    if (isEmpty) crashpoint('state-made')
    if (isEmpty) database.exec('pragma auto_vacuum = incremental')
    database.pragma('journal_mode = wal')
    database.exec('pragma synchronous = normal')
    if (form < migrations.length) this.#migrate(database, number)
    if (this.#lake === undefined) return
    const owner = () => (database.prepare('select name from lake').all() as Row[])[0]
    if (!owner()) database.prepare('insert into lake select ? where not exists (select 1 from lake)').run(this.#lake)
    if (owner()!['name'] !== this.#lake) throw new StateOfAnotherLake(this.path, String(owner()!['name']), this.#lake)
  }

  #migrate(database: Database.Database, number: (pragma: string) => number): void {
    database.exec('begin immediate')
    try {
      const form = number('user_version')
      for (const migration of migrations.slice(form)) database.exec(migration)
      this.#made = form === 0 ? number('data_version') : 0
      database.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${migrations.length}; commit`)
    } catch (error) {
      if (database.inTransaction) database.exec('rollback')
      throw error
    }
  }

  /** Changing to the write-ahead log does not wait for other processes by itself. */
  #patiently(work: () => void): void {
    const until = Date.now() + this.#patienceMs
    for (;;) {
      try {
        return work()
      } catch (error) {
        if (!codeOf(error).startsWith('SQLITE_BUSY') || Date.now() > until) throw error
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
      }
    }
  }

  #explained<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      const code = codeOf(error)
      if (code.startsWith('SQLITE_BUSY')) throw new StateBusy(this.path, this.#patienceMs)
      if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') throw new StateUnreadable(this.path, reasonOf(error))
      if (/^SQLITE_(FULL|READONLY|CANTOPEN|IOERR|PERM)/.test(code)) throw new StateNotWritable(this.path, reasonOf(error))
      if (/Unable to open connection/.test(reasonOf(error))) throw new StateNotWritable(this.path, 'it cannot be opened')
      throw error
    }
  }
}

const codeOf = (error: unknown): string => String((error as { code?: unknown })?.code ?? '')
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
