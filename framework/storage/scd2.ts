import { randomUUID } from 'node:crypto'
import { columnsAddedBy, type Scd2 } from '../definition/write-mode.ts'
import { keepsChangeData } from '../delta/change-data.ts'
import { addContent, contentHash, rowHash, schemaDigest, valuesHash } from '../delta/content-hash.ts'
import { DuplicateKeys, NullKey } from '../delta/delta-errors.ts'
import { isWorthMarking, stageMerge, type EmptyTable, type KnownRows, type StagedMerge } from '../delta/merge.ts'
import { allowsVectors } from '../delta/protocol.ts'
import { filesWithKeys } from '../delta/prune-by-keys.ts'
import { stageReplacement } from '../delta/replace-rows.ts'
import { scanOrder } from '../delta/scan.ts'
import { deltaSchemaOf, duckdbType } from '../delta/schema.ts'
import { fieldNamed, type StructType } from '../delta/schema-types.ts'
import { Snapshot } from '../delta/snapshot.ts'
import { newSchema } from '../delta/stage.ts'
import { recordsOf } from '../delta/summaries.ts'
import type { Connection } from '../duckdb/connection.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import { NotAnInstant, TakenColumn } from './storage-errors.ts'

export interface Scd2Options {
  readonly key: AssetKey
  /** The table's schema from now on, with the columns of validity. */
  readonly schema: StructType
  /** When the run began: since when compared values hold, and when what is gone ends. */
  readonly now: Date
  /** Where the batch is complete for some keys alone, a SELECT of those: of the others, none is gone. */
  readonly had?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** The schema of a history of rows. @throws {TakenColumn} where the rows have a column of one of the names that validity needs */
export function historySchema(key: AssetKey, rows: StructType): StructType {
  const validity = columnsAddedBy({ mode: 'scd2', on: [], deletes: 'ignore' })
  for (const { name } of validity) if (fieldNamed(rows, name)) throw new TakenColumn(key, name)
  return { type: 'struct', fields: [...rows.fields, ...deltaSchemaOf(validity).fields] }
}

/**
 * Enters a batch into a table of versions. A version is known by its key and its beginning, and ends where the next one begins or where
 * its key was seen to be gone; so the order in which changes arrive makes no difference. Only files with a key of the batch are read,
 * only those with a changed row are written, and nothing new is an empty change.
 * @throws {NullKey} {DuplicateKeys} where a batch says two different things of one key and instant {NotAnInstant}
 */
export async function stageScd2(connection: Connection, base: Snapshot | EmptyTable, source: string, write: Scd2, options: Scd2Options): Promise<StagedMerge> {
  const history = new History(connection, base, write, options)
  try {
    await history.loadBatch(source)
    await history.loadKnown()
    const staged = await history.stagePlainly() ?? await stageMerge(connection, base, history.versions(), { on: [...write.on, 'valid_from'], schema: options.schema, known: history.known, signal: options.signal })
    // What else was read decided on the ends of versions.
    return { ...staged, change: { ...staged.change, reads: { kind: 'whole table' } }, metrics: { ...staged.metrics, sourceRows: history.rows, deduplicated: history.repeated } }
  } finally {
    await history.tidy()
  }
}

/** Of a known row: that it is open and the batch ends it. */
const ENDS = 'is_current and not __same'

interface Ending {
  readonly file: bigint
  readonly late: bigint
  readonly open: bigint
  readonly ends: bigint
  readonly keys: bigint
  readonly were: bigint
  readonly become: bigint
}

const sum = (endings: readonly Ending[], what: keyof Ending): bigint => endings.reduce((total, ending) => total + ending[what], 0n)

class History {
  rows = 0
  repeated = 0
  /** The rows that {@link loadKnown} found in the table. */
  known: KnownRows | undefined
  /** Whether no key comes twice in the batch. */
  #onceEach = false
  readonly #id = randomUUID().replaceAll('-', '')
  readonly #batch = quoteIdentifier(`history_batch_${this.#id}`)
  readonly #held = quoteIdentifier(`history_known_${this.#id}`)
  readonly #repeated = quoteIdentifier(`history_repeated_${this.#id}`)
  /** The rows of {@link #held}, as a relation. */
  #known = ''
  readonly #now: string
  readonly #key: readonly string[]
  readonly #values: readonly string[]

  constructor(readonly connection: Connection, readonly base: Snapshot | EmptyTable, readonly write: Scd2, readonly options: Scd2Options) {
    this.#now = quoteLiteral(options.now)
    this.#key = write.on.map(quoteIdentifier)
    const validity = new Set(columnsAddedBy(write).map(({ name }) => name))
    this.#values = options.schema.fields.filter(({ name }) => !validity.has(name)).map(({ name }) => quoteIdentifier(name))
  }

  /** The batch with each row's beginning, each once. */
  async loadBatch(source: string): Promise<void> {
    const { write: { on, changedBy }, options: { signal } } = this
    const given = new Map((await this.connection.describe(source)).map(({ name, type }) => [name.toLowerCase(), type]))
    if (changedBy !== undefined && !/^(DATE|TIMESTAMP)/.test(given.get(changedBy.toLowerCase()) ?? '')) throw new NotAnInstant(this.options.key, changedBy, given.get(changedBy.toLowerCase()) ?? 'missing')
    const columns = this.#fields().map(({ name, type }) => `${given.has(name.toLowerCase()) ? `q.${quoteIdentifier(name)}` : 'null'}::${duckdbType(type)} as ${quoteIdentifier(name)}`)
    const since = changedBy === undefined ? this.#now : `q.${quoteIdentifier(changedBy)}::timestamptz`
    await this.connection.run(`create temp table ${this.#batch} as select ${columns.join(', ')}, ${since} as valid_from from (${source}) as q`, { signal })
    const names = [...on, ...(changedBy === undefined ? [] : [changedBy])]
    await this.#refuse(names, `where ${[...this.#key, 'valid_from'].map(name => `${name} is null`).join(' or ')}`, NullKey)
    this.rows = await this.#count()
    this.#onceEach = await this.#keys() === this.rows
    if (this.#onceEach) return
    await this.connection.run(`create or replace temp table ${this.#batch} as select distinct * from ${this.#batch}`, { signal })
    const different = await this.#count()
    this.repeated = this.rows - different
    this.#onceEach = await this.#keys() === different
    await this.#refuse(names, `group by ${[...new Set([...this.#key, ...names.map(quoteIdentifier), 'valid_from'])].join(', ')} having count(*) > 1`, DuplicateKeys)
  }

  /** The versions of the batch's keys; of a complete batch also those that are open and that it lacks. */
  async loadKnown(): Promise<void> {
    const { connection, base, write: { on, deletes, compare }, options: { schema, had } } = this
    const columns = schema.fields.map(({ name, type }) => [quoteIdentifier(name), duckdbType(type)] as const)
    const names = columns.map(([name]) => name)
    if (!(base instanceof Snapshot)) return this.#hold([...names, '__gone'], `select ${columns.map(([name, type]) => `null::${type} as ${name}`).join(', ')}, false as __gone where false`)
    const target = base.with({ adds: [], removes: [], ...newSchema(base, schema), reads: { kind: 'nothing' }, metrics: {} })
    const files = scanOrder(deletes === 'close' ? base.files : await filesWithKeys(connection, base, this.#batch, on, this.rows))
    const scan = `(${await target.scanSql({ files, virtual: true })}) as t`
    const wide = [...names, '__varve_file', '__varve_row']
    if (this.#isPlain()) {
      // What is filtered hands a Bloom filter of its keys to the scan. All rows pass: DuckDB's own numbers of them begin at 0.
      const told = fieldNamed(schema, 'rowid') ? this.#batch : `(from ${this.#batch} where rowid >= 0)`
      const compared = compare === undefined ? '' : `, ${this.#isUnchanged('t', 'b')} as __same`
      await this.#hold([...wide, '__until', ...(compare === undefined ? [] : ['__same'])], `select ${wide.map(name => `t.${name}`).join(', ')}, b.valid_from as __until${compared} from ${scan} join ${told} as b on ${this.#same('b', 't')}`)
      if (compare === undefined) await this.#compareRepeated(wide)
    } else {
      const among = had === undefined ? '' : ` and (${this.#key.join(', ')}) in (select (${this.#key.join(', ')}) from (${had}))`
      const inBatch = `exists (select 1 from ${this.#batch} as b where ${this.#same('b', 't')})`
      const query = `select ${wide.map(name => `t.${name}`).join(', ')}, not ${inBatch} as __gone from ${scan}`
      await this.#hold([...wide, '__gone'], `select * from (${query}) ${deletes === 'close' ? `where not __gone or (is_current${among})` : 'where not __gone'}`)
    }
    this.known = { files, relation: this.#known }
  }

  /**
   * The usual case: each row of the batch is known already, or begins when all that is known of its key has begun and, but for one open version,
   * has ended. Then open versions end and others begin, and there is nothing to compare. Undefined in all other cases, and where files are to be written anew.
   */
  async stagePlainly(): Promise<StagedMerge | undefined> {
    const { base, known, connection, options: { schema, signal } } = this
    if (!this.#isPlain() || !known || !(base instanceof Snapshot) || !allowsVectors(base.protocol, base.properties) || keepsChangeData(base)) return undefined
    const found = await this.#endings()
    const [late, open, ends] = [sum(found, 'late'), sum(found, 'open'), sum(found, 'ends')]
    const touchedRows = found.filter(file => file.ends > 0n).reduce((total, { file }) => total + recordsOf(known.files[Number(file)]!), 0)
    if (late > 0n || !isWorthMarking(Number(ends), touchedRows) || !await this.#isOpenOnce(open, sum(found, 'keys'))) return undefined
    const opened = await contentHash(connection, this.#opened(open > ends), schema, signal)
    const digest = schemaDigest(schema)
    const content = {
      removed: { schema: digest, rows: Number(ends), sum: sum(found, 'were') },
      added: addContent(opened, { schema: digest, rows: Number(ends), sum: sum(found, 'become') }),
    }
    const change = await stageReplacement(connection, base, { files: known.files, gone: `from ${this.#known} where ${ENDS}`, came: `${this.#closed()} union all ${this.#opened(open > ends)}`, content, schema, signal })
    const metrics = { inserted: content.added.rows - content.removed.rows, updated: content.removed.rows, deleted: 0, unchanged: 0, older: 0, filesRead: known.files.length, filesRewritten: change.removes.length }
    return { change, content, metrics: { ...metrics, sourceRows: this.rows, deduplicated: this.repeated }, how: 'deletion-vectors' }
  }

  /** The versions as they should be, of all keys that the batch concerns. */
  versions(): string {
    const { write: { deletes } } = this
    const values = (of: string) => this.#values.map(name => `${of}.${name}`).join(', ')
    const key = this.#key.join(', ')
    const gone = `select ${this.#values.join(', ')}, valid_from, ${this.#now} as valid_to, false as is_current from ${this.#known} where __gone and valid_from < ${this.#now}`
    return `
      with told as (${this.#told()}),
      -- A version that is open takes what is told anew of its beginning; one that has ended stays as it is.
      begun as (
        select ${values('k')}, k.valid_from from ${this.#known} as k where not k.__gone and not (k.is_current and exists (select 1 from told as b where ${this.#same('b', 'k')} and b.valid_from = k.valid_from))
        union all
        select ${values('b')}, b.valid_from from told as b where not exists (select 1 from ${this.#known} as k where ${this.#same('k', 'b')} and k.valid_from = b.valid_from and not k.is_current)
      ),
      ended as (
        select ${key}, valid_to as __until from ${this.#known} as k
        where not k.__gone and k.valid_to is not null and not exists (select 1 from begun as b where ${this.#same('b', 'k')} and b.valid_from = k.valid_to)
      ),
      returned as (${deletes === 'close' ? this.#returned(values('b')) : `select ${this.#values.join(', ')}, valid_from from begun where false`}),
      marks as (
        select ${this.#values.join(', ')}, valid_from, true as __holds from (from begun union all from returned)
        union all by name
        select ${key}, __until as valid_from, false as __holds from ended where not exists (select 1 from returned as b where ${this.#same('b', 'ended')} and b.valid_from = ended.__until)
      ),
      spans as (select *, lead(valid_from) over (partition by ${key} order by valid_from) as valid_to from marks)
      select ${this.#values.join(', ')}, valid_from, valid_to, valid_to is null as is_current from spans where __holds${deletes === 'close' ? ` union all ${gone}` : ''}`
  }

  async tidy(): Promise<void> {
    for (const table of [this.#batch, this.#held, this.#repeated]) await this.connection.run(`drop table if exists ${table}`)
  }

  /** Whether a key has at most one version that the batch can end. */
  #isPlain(): boolean {
    return this.#onceEach && this.write.deletes !== 'close'
  }

  /** Keeps rows as one column of structs: DuckDB then keeps no statistics of each column, which take longer than the rows. */
  async #hold(names: readonly string[], query: string): Promise<void> {
    await this.connection.run(`create temp table ${this.#held} as select struct_pack(${names.map(name => `${name} := q.${name}`).join(', ')}) as v from (${query}) as q`, { signal: this.options.signal })
    this.#known = `(select ${names.map(name => `v.${name} as ${name}`).join(', ')}${names.includes('__gone') ? '' : ', false as __gone'} from ${this.#held})`
  }

  /** Says of the open versions that begin when the batch's row begins whether they say the same. There are some only where a batch is told again, or corrected. */
  async #compareRepeated(names: readonly string[]): Promise<void> {
    const candidates = `${this.#known} as k where k.is_current and k.valid_from = k.__until`
    const [found] = await this.connection.rows<{ n: bigint }>(`select count(*) as n from ${candidates}`)
    const columns = `select ${[...names, '__until', '__gone'].map(name => `k.${name}`).join(', ')}`
    if (found!.n === 0n) return void (this.#known = `(${columns}, false as __same from ${this.#known} as k)`)
    await this.connection.run(`create temp table ${this.#repeated} as select k.__varve_file as f, k.__varve_row as r from ${this.#known} as k join ${this.#batch} as b on ${this.#same('k', 'b')} where k.is_current and ${this.#isUnchanged('k', 'b')}`, { signal: this.options.signal })
    this.#known = `(${columns}, exists (select 1 from ${this.#repeated} where f = k.__varve_file and r = k.__varve_row) as __same from ${this.#known} as k)`
  }

  /** What becomes of the known rows, by file. `late` are those that are not as in the usual case, `keys` a sum of hashes of the keys of open ones. */
  #endings(): Promise<Ending[]> {
    const { connection, options: { schema, signal } } = this
    const becomes: Readonly<Record<string, string>> = { valid_to: 'k.__until', is_current: 'false' }
    return connection.rows(`
      select __varve_file as file, count(*) filter (where is_current is distinct from (valid_to is null) or not (is_current and __same) and (valid_from >= __until or valid_to > __until)) as late,
        count(*) filter (where is_current) as open, count(*) filter (where ${ENDS}) as ends, coalesce(sum(hash(${this.#key.join(', ')})::hugeint) filter (where is_current), 0) as keys,
        coalesce(sum(${rowHash(schema, 'k')}::hugeint) filter (where ${ENDS}), 0) as were, coalesce(sum(${valuesHash(schema, name => becomes[name.toLowerCase()] ?? `k.${quoteIdentifier(name)}`)}::hugeint) filter (where ${ENDS}), 0) as become
      from ${this.#known} as k group by __varve_file`, { signal })
  }

  /** Whether no key has two open versions. They were found by keys that are each in the batch once: where as many were found with the same sum of hashes, it is each of these, else they are counted. */
  async #isOpenOnce(open: bigint, keys: bigint): Promise<boolean> {
    const [told] = await this.connection.rows<{ n: bigint; keys: bigint | null }>(`select count(*) as n, sum(hash(${this.#key.join(', ')})::hugeint) as keys from ${this.#batch}`)
    if (open === told!.n && keys === (told!.keys ?? 0n)) return true
    const [counted] = await this.connection.rows<{ n: bigint }>(`select count(*) as n from (select distinct ${this.#key.join(', ')} from ${this.#known} where is_current)`)
    return counted!.n === open
  }

  #closed(): string {
    return `select ${this.#values.map(name => `k.${name}`).join(', ')}, k.valid_from, k.__until as valid_to, false as is_current from ${this.#known} as k where ${ENDS}`
  }

  /** @param repeated whether some rows of the batch say what holds already */
  #opened(repeated: boolean): string {
    const told = repeated ? ` where not exists (select 1 from ${this.#known} as k where k.is_current and k.__same and ${this.#same('k', 'b')})` : ''
    return `select ${this.#values.map(name => `b.${name}`).join(', ')}, b.valid_from, null::timestamptz as valid_to, true as is_current from ${this.#batch} as b${told}`
  }

  /** Whether a version says what a row of the batch says: in all that is compared, or in all and as of the same instant. */
  #isUnchanged(version: string, told: string): string {
    const { compare } = this.write
    const compared = compare === undefined ? [...this.#values, 'valid_from'] : compare === 'all' ? this.#values.filter(name => !this.#key.includes(name)) : compare.map(quoteIdentifier)
    return compared.map(name => `${version}.${name} is not distinct from ${told}.${name}`).join(' and ') || 'true'
  }

  /** The rows of the batch that say something new: all of them, or those that differ from what holds now. */
  #told(): string {
    if (this.write.compare === undefined) return `from ${this.#batch}`
    const same = this.#isUnchanged('k', 'b')
    return `select b.* from ${this.#batch} as b where not exists (
      select 1 from ${this.#known} as k where ${this.#same('k', 'b')} and k.valid_from <= b.valid_from and (k.valid_to is null or k.valid_to > b.valid_from) and ${same})`
  }

  /** Keys that were gone and are there again, though nothing was told of them since: they hold from now on. */
  #returned(values: string): string {
    const key = this.#key.join(', ')
    return `select ${values}, greatest(${this.#now}, gone.__until) as valid_from
      from (select * from ${this.#batch} qualify row_number() over (partition by ${key} order by valid_from desc) = 1) as b
      join (select ${key}, max(__until) as __until from ended group by all) as gone on ${this.#same('gone', 'b')}
      where not exists (select 1 from begun where ${this.#same('begun', 'b')} and begun.valid_from > gone.__until)`
  }

  #same(one: string, other: string): string {
    return this.#key.map(name => `${one}.${name} = ${other}.${name}`).join(' and ')
  }

  #fields(): readonly { readonly name: string; readonly type: StructType['fields'][number]['type'] }[] {
    return this.options.schema.fields.filter(({ name }) => this.#values.includes(quoteIdentifier(name)))
  }

  async #count(): Promise<number> {
    const [row] = await this.connection.rows<{ n: bigint }>(`select count(*) as n from ${this.#batch}`)
    return Number(row!.n)
  }

  async #keys(): Promise<number> {
    const [row] = await this.connection.rows<{ n: bigint }>(`select count(*) as n from (select distinct ${this.#key.join(', ')} from ${this.#batch})`)
    return Number(row!.n)
  }

  async #refuse(names: readonly string[], clause: string, Refusal: typeof NullKey | typeof DuplicateKeys): Promise<void> {
    const columns = names.map(quoteIdentifier).join(', ')
    const found = `select ${columns} from ${this.#batch} ${clause}`
    const [counted] = await this.connection.rows<{ n: bigint }>(`select count(*) as n from (${found})`)
    if (counted!.n === 0n) return
    const examples = await this.connection.json(`${found} order by all limit 5`)
    throw new Refusal(names, Number(counted!.n), examples.map(row => Object.entries(row).map(([name, value]) => `${name} = ${value === null ? 'null' : JSON.stringify(value)}`).join(', ')))
  }
}
