import { randomUUID } from 'node:crypto'
import type { Connection } from '../duckdb/connection.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { fileKey, removeOf, type AddFile, type ChangeFile, type RemoveFile } from './actions.ts'
import { changeDataOf, keepsChangeData } from './change-data.ts'
import { noContent, rowHash, schemaDigest, type ContentHash } from './content-hash.ts'
import { withDeletedRows } from './delete-rows.ts'
import { MergeBatch, namedField, type MergeBatchOptions } from './merge-batch.ts'
import { filesWithKeys } from './prune-by-keys.ts'
import { allowsVectors, type Profile } from './protocol.ts'
import { scanOrder } from './scan.ts'
import type { StructField, StructType } from './schema-types.ts'
import { newSchema, newTable } from './stage.ts'
import { Snapshot } from './snapshot.ts'
import { recordsOf } from './summaries.ts'
import type { TableChange } from './table-change.ts'
import { writeDataFiles } from './write-data-files.ts'

export interface MergeOptions extends MergeBatchOptions {
  /** Columns that alone make no difference, as in a load time: rows that differ only there are not written. */
  readonly ignoring?: readonly string[] | undefined
  /** The columns that a match takes from the batch; the others stay. Default: all. */
  readonly updateColumns?: readonly string[] | undefined
  /** The table's schema from now on, from `evolve`. Default: as it is. */
  readonly schema?: StructType | undefined
  /** Rows of the table that were read already, where those are all that the batch can meet. Default: the table is read. */
  readonly known?: KnownRows | undefined
  readonly targetFileSize?: number | undefined
}

/** Rows of files, with all columns of the table, and with `__varve_file` and `__varve_row` as a scan has them. */
export interface KnownRows {
  /** In {@link scanOrder}. */
  readonly files: readonly AddFile[]
  /** A relation in the merge's own connection. */
  readonly relation: string
}

/** A table that a merge is to make, since there is none. */
export interface EmptyTable {
  readonly root: string
  readonly schema: StructType
  readonly partitionColumns?: readonly string[] | undefined
  readonly profile?: Profile | undefined
  readonly properties?: Readonly<Record<string, string>> | undefined
}

/** `copy-on-write` writes the files with changed rows anew; `deletion-vectors` marks the old rows and writes only the new ones; `auto` takes the cheaper one that the table allows. */
export type MergeHow = 'copy-on-write' | 'deletion-vectors' | 'auto'

export interface MergeMetrics {
  readonly sourceRows: number
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
  /** Matches that would change nothing. */
  readonly unchanged: number
  /** Rows of the batch that were older than the table's. */
  readonly older: number
  /** Rows of the batch that gave way to a newer one with the same key. */
  readonly deduplicated: number
  readonly filesRead: number
  readonly filesRewritten: number
}

export interface StagedMerge {
  readonly change: TableChange
  readonly metrics: MergeMetrics
  /** What the merge does to the content, so that the table's hash need not be computed anew. */
  readonly content: { readonly added: ContentHash; readonly removed: ContentHash }
  readonly how: 'copy-on-write' | 'deletion-vectors'
}

/**
 * Merges a batch into a table: rows with a known key replace, the others are inserted. Files that cannot hold a key of the batch are not
 * read, files without a changed row are not rewritten, and where nothing changes the change is empty.
 * @throws {NullKey} {DuplicateKeys} {SchemaMismatch}
 */
export async function stageMerge(connection: Connection, base: Snapshot | EmptyTable, source: string, options: MergeOptions, how: MergeHow = 'auto'): Promise<StagedMerge> {
  const merge = new Merge(connection, base, options, true)
  try {
    return await merge.stage(source, how)
  } finally {
    await merge.tidy()
  }
}

/**
 * Like {@link stageMerge}, but every match counts as changed, and the columns of old rows are not read: several times cheaper for a small batch
 * into a large table, at the price of rewriting identical rows and of not knowing the content that went.
 */
export async function stageUpsert(connection: Connection, base: Snapshot | EmptyTable, source: string, options: MergeOptions, how: MergeHow = 'auto'): Promise<Omit<StagedMerge, 'content'>> {
  const merge = new Merge(connection, base, options, false)
  try {
    const { change, metrics, how: way } = await merge.stage(source, how)
    return { change, metrics, how: way }
  } finally {
    await merge.tidy()
  }
}

/** Deletion vectors pay until about this part of the rows in the touched files changes. */
export const WORTH_REWRITING = 0.2

/** Whether so many of the rows of files are better marked as deleted than the files written anew. */
export const isWorthMarking = (changed: number, rows: number): boolean => changed === 0 || changed < rows * WORTH_REWRITING

type Counts = Pick<MergeMetrics, 'inserted' | 'updated' | 'deleted' | 'unchanged' | 'older'>

interface Outcome {
  readonly counts: Counts
  readonly touched: readonly AddFile[]
  /** SQL of the rows that come, in place of old ones or as new ones. */
  readonly newRows: string
}

class Merge {
  readonly schema: StructType
  readonly batch: MergeBatch
  readonly matches = quoteIdentifier(`merge_match_${randomUUID().replaceAll('-', '')}`)
  readonly snapshot: Snapshot | undefined

  constructor(readonly connection: Connection, readonly base: Snapshot | EmptyTable, readonly options: MergeOptions, readonly compares: boolean) {
    this.schema = options.schema ?? base.schema
    this.snapshot = base instanceof Snapshot ? base : undefined
    this.batch = new MergeBatch(connection, this.schema, options)
  }

  async stage(source: string, how: MergeHow): Promise<StagedMerge> {
    const { sourceRows, deduplicated } = await this.batch.load(source)
    if (!this.snapshot) return this.#firstVersion(sourceRows, deduplicated)
    const altered = newSchema(this.snapshot, this.options.schema)
    const target = this.snapshot.with({ adds: [], removes: [], ...altered, reads: { kind: 'nothing' }, metrics: {} })
    const files = this.options.known?.files ?? scanOrder(sourceRows === 0 ? [] : await filesWithKeys(this.connection, this.snapshot, this.batch.relation, this.batch.keys.map(key => key.name), sourceRows))
    await this.#match(target, files)
    const { counts, touched, newRows } = await this.#outcome(files, sourceRows - deduplicated)
    const content = await this.#content(newRows)
    const way = how === 'auto' ? this.#cheaperWay(counts, touched) : how
    const nothing = counts.inserted + counts.updated + counts.deleted === 0
    const { adds, removes } = nothing ? { adds: [], removes: [] } : way === 'deletion-vectors' ? await this.#mark(target, files, newRows) : await this.#rewrite(target, files, touched)
    const metrics = { sourceRows, ...counts, deduplicated, filesRead: files.length, filesRewritten: touched.length }
    const cdc = !nothing && keepsChangeData(target) ? await this.#changeData(target, files, touched) : undefined
    const change: TableChange = {
      adds, removes, cdc, ...altered,
      reads: { kind: 'files', keys: files.map(fileKey) },
      metrics: {
        numSourceRows: sourceRows, numTargetRowsInserted: counts.inserted, numTargetRowsUpdated: counts.updated, numTargetRowsDeleted: counts.deleted,
        numTargetFilesAdded: adds.length, numTargetFilesRemoved: removes.length,
      },
    }
    return { change, metrics, content, how: way }
  }

  async tidy(): Promise<void> {
    await this.batch.drop()
    await this.connection.run(`drop table if exists ${this.matches}`)
  }

  async #firstVersion(sourceRows: number, deduplicated: number): Promise<StagedMerge> {
    const base = this.base as EmptyTable
    const rows = `select * from ${this.batch.relation}${this.options.deleteWhen === undefined ? '' : ' where not __varve_gone'}`
    const [sum] = await this.connection.rows<{ n: bigint; s: bigint | null }>(`select count(*) as n, sum(${rowHash(this.schema)}::hugeint) as s from (${rows}) as q`)
    const files = await writeDataFiles(this.connection, rows, { ...base, schema: this.schema, partitionColumns: base.partitionColumns ?? [] }, this.options)
    const inserted = Number(sum!.n)
    return {
      change: newTable({ ...base, schema: this.schema, files }),
      metrics: { sourceRows, inserted, updated: 0, deleted: 0, unchanged: 0, older: 0, deduplicated, filesRead: 0, filesRewritten: 0 },
      content: { added: { schema: schemaDigest(this.schema), rows: inserted, sum: sum!.s ?? 0n }, removed: noContent(this.schema) },
      how: 'copy-on-write',
    }
  }

  /** Finds the rows of the table that the batch meets, and says of each what is to become of it. */
  async #match(target: Snapshot, files: readonly AddFile[]): Promise<void> {
    const compared = this.#updated().filter(field => !this.batch.keys.includes(field) && !(this.options.ignoring ?? []).some(name => name.toLowerCase() === field.name.toLowerCase()))
    const same = !this.compares ? 'false' : compared.map(({ name }) => `t.${quoteIdentifier(name)} is not distinct from s.${quoteIdentifier(name)}`).join(' and ') || 'true'
    const newer = this.options.newerBy === undefined ? undefined : quoteIdentifier(namedField(this.schema, this.options.newerBy).name)
    const older = newer === undefined ? 'false' : `(t.${newer} is not null and (s.${newer} is null or s.${newer} < t.${newer}))`
    const kept = this.#kept().map(({ name }) => `t.${quoteIdentifier(name)}`)
    const action = `case when ${older} then 'older' when ${this.options.deleteWhen === undefined ? 'false' : 's.__varve_gone'} then 'delete' when ${same} then 'same' else 'update' end`
    const on = this.batch.keys.map(({ name }) => `t.${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`).join(' and ')
    await this.connection.run(`create temp table ${this.matches} as
      select __varve_file, __varve_row, __varve_batch, action, case when action in ('update', 'delete') then old_hash end as old_hash${kept.map((_, i) => `, kept_${i}`).join('')} from (
        select t.__varve_file, t.__varve_row, s.${this.batch.place} as __varve_batch, ${action} as action, ${this.compares ? rowHash(target.schema, 't') : 'null::ubigint'} as old_hash${kept.map((column, i) => `, ${column} as kept_${i}`).join('')}
        from ${this.options.known?.relation ?? `(${await target.scanSql({ files, virtual: true, columns: this.#columnsRead(target) })})`} as t join ${this.batch.filtered} as s on ${on})`, { signal: this.options.signal })
  }

  /** What came and what went, as far as old rows were read. */
  async #content(newRows: string): Promise<StagedMerge['content']> {
    if (!this.compares) return { added: noContent(this.schema), removed: noContent(this.schema) }
    const [sums] = await this.connection.rows<{ gone: bigint; minus: bigint | null; came: bigint; plus: bigint | null }>(`
      select (select count(old_hash) from ${this.matches}) as gone, (select sum(old_hash::hugeint) from ${this.matches}) as minus,
        count(*) as came, sum(${rowHash(this.schema)}::hugeint) as plus from (${newRows}) as q`, { signal: this.options.signal })
    const schema = schemaDigest(this.schema)
    return { added: { schema, rows: Number(sums!.came), sum: sums!.plus ?? 0n }, removed: { schema, rows: Number(sums!.gone), sum: sums!.minus ?? 0n } }
  }

  #columnsRead(target: Snapshot): string[] | undefined {
    if (this.compares) return undefined
    const needed = new Set([...this.batch.keys, ...this.#kept(), ...(this.options.newerBy === undefined ? [] : [namedField(this.schema, this.options.newerBy)])].map(field => field.name))
    return target.schema.fields.map(field => field.name).filter(name => needed.has(name))
  }

  /** The rows that change, as they were and as they become, for readers of the table's changes. */
  async #changeData(target: Snapshot, files: readonly AddFile[], touched: readonly AddFile[]): Promise<ChangeFile[]> {
    const columns = this.schema.fields.map(({ name }) => `t.${quoteIdentifier(name)}`).join(', ')
    const before = touched.length === 0 ? [] : [`select ${columns}, case when p.__varve_action = 'delete' then 'delete' else 'update_preimage' end as _change_type
      from (${await target.scanSql({ files: touched, virtual: true })}) as t join (${this.#placed(files, touched, 'm.action as __varve_action')}) as p on t.__varve_file = p.__varve_file and t.__varve_row = p.__varve_row`]
    return changeDataOf(this.connection, target, [
      ...before, `select *, 'update_postimage' as _change_type from (${this.#updatesSql()})`, `select *, 'insert' as _change_type from (${this.#insertsSql()})`,
    ])
  }

  /** The matches that change, with their places in the touched files. */
  #placed(files: readonly AddFile[], touched: readonly AddFile[], columns: string): string {
    const place = touched.map((file, i) => `(${files.indexOf(file)}, ${i})`)
    return `select p.i as __varve_file, m.__varve_row, ${columns} from ${this.matches} as m join ${this.batch.relation} as s on s.${this.batch.place} = m.__varve_batch
      join (values ${place.join(', ')}) as p(f, i) on p.f = m.__varve_file where m.action in ('update', 'delete')`
  }

  /** @param batchRows rows of the batch, each with a key of its own */
  async #outcome(files: readonly AddFile[], batchRows: number): Promise<Outcome> {
    const of = (action: string) => `count(*) filter (where action = '${action}')::double`
    const [told] = await this.connection.rows<{ matches: number; met: number; same: number; older: number; updated: number; deleted: number; touched: readonly bigint[] | null }>(`
      select count(*)::double as matches, count(distinct __varve_batch)::double as met, ${of('same')} as same, ${of('older')} as older, ${of('update')} as updated, ${of('delete')} as deleted,
        list_sort(list(distinct __varve_file) filter (where action in ('update', 'delete'))) as touched from ${this.matches}`)
    const { matches, met, same: unchanged, older, updated, deleted } = told!
    const inserted = this.options.deleteWhen === undefined ? batchRows - met : Number((await this.connection.rows<{ n: bigint }>(`select count(*) as n from (${this.#insertsSql()})`))[0]!.n)
    return {
      counts: { inserted, updated, deleted, unchanged, older },
      touched: scanOrder((told!.touched ?? []).map(index => files[Number(index)]!)),
      newRows: this.#kept().length === 0 && matches === met ? this.#newRowsOfBatch(updated < matches) : `${this.#updatesSql()} union all ${this.#insertsSql()}`,
    }
  }

  #cheaperWay(counts: Counts, touched: readonly AddFile[]): 'copy-on-write' | 'deletion-vectors' {
    const allowed = this.snapshot !== undefined && allowsVectors(this.snapshot.protocol, this.snapshot.properties)
    const rows = touched.reduce((total, file) => total + recordsOf(file), 0)
    return allowed && isWorthMarking(counts.updated + counts.deleted, rows) ? 'deletion-vectors' : 'copy-on-write'
  }

  /** Marks the old rows as deleted, and writes the new ones. */
  async #mark(target: Snapshot, files: readonly AddFile[], newRows: string): Promise<{ adds: AddFile[]; removes: RemoveFile[] }> {
    const marked = await withDeletedRows(this.connection, target.root, files, `select __varve_file, __varve_row from ${this.matches} where action in ('update', 'delete')`)
    const written = await writeDataFiles(this.connection, newRows, target, this.options)
    return { adds: [...marked.adds, ...written], removes: marked.removes }
  }

  /** Writes the touched files anew, each new row in the place of its old one, so that whatever order the rows had stays. */
  async #rewrite(target: Snapshot, files: readonly AddFile[], touched: readonly AddFile[]): Promise<{ adds: AddFile[]; removes: RemoveFile[] }> {
    const columns = this.schema.fields.map(({ name }) => quoteIdentifier(name))
    const changed = this.#placed(files, touched, ['m.action as __varve_action', ...this.#newRow()].join(', '))
    const kept = touched.length === 0 ? [] : [`select ${columns.map(column => `case when u.__varve_action is null then t.${column} else u.${column} end as ${column}`).join(', ')}
      from (${await target.scanSql({ files: touched, virtual: true })}) as t left join (${changed}) as u on t.__varve_file = u.__varve_file and t.__varve_row = u.__varve_row where u.__varve_action is distinct from 'delete'`]
    const adds = await writeDataFiles(this.connection, [...kept, this.#insertsSql()].join(' union all '), target, this.options)
    const now = Date.now()
    return { adds, removes: touched.map(file => removeOf(file, now)) }
  }

  /** The rows to be written where each is one row of the batch as it is: read once. @param idle whether some matches write nothing */
  #newRowsOfBatch(idle: boolean): string {
    const columns = this.schema.fields.map(({ name }) => `s.${quoteIdentifier(name)}`)
    const conditions = [
      ...(idle ? [`not exists (select 1 from ${this.matches} as m where m.__varve_batch = s.${this.batch.place} and m.action <> 'update')`] : []),
      ...(this.options.deleteWhen === undefined ? [] : ['not s.__varve_gone']),
    ]
    return `select ${columns.join(', ')} from ${this.batch.relation} as s${conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`}`
  }

  #updatesSql(): string {
    return `select ${this.#newRow().join(', ')} from ${this.matches} as m join ${this.batch.relation} as s on s.${this.batch.place} = m.__varve_batch where m.action = 'update'`
  }

  #insertsSql(): string {
    const alive = this.options.deleteWhen === undefined ? '' : ' and not s.__varve_gone'
    const columns = this.schema.fields.map(({ name }) => `s.${quoteIdentifier(name)}`)
    return `select ${columns.join(', ')} from ${this.batch.relation} as s where not exists (select 1 from ${this.matches} as m where m.__varve_batch = s.${this.batch.place})${alive}`
  }

  /** What a matched row becomes: columns of the batch, and of the table where they are not updated. */
  #newRow(): string[] {
    const kept = this.#kept()
    return this.schema.fields.map(field => {
      const name = quoteIdentifier(field.name)
      return kept.includes(field) ? `m.kept_${kept.indexOf(field)} as ${name}` : `s.${name} as ${name}`
    })
  }

  #updated(): readonly StructField[] {
    const { updateColumns } = this.options
    if (updateColumns === undefined) return this.schema.fields
    const chosen = new Set([...updateColumns.map(name => namedField(this.schema, name)), ...this.batch.keys, ...(this.options.newerBy === undefined ? [] : [namedField(this.schema, this.options.newerBy)])])
    return this.schema.fields.filter(field => chosen.has(field))
  }

  #kept(): readonly StructField[] {
    const updated = this.#updated()
    return this.schema.fields.filter(field => !updated.includes(field))
  }
}
