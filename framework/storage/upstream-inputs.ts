import { isTable, type AssetDefinition } from '../definition/asset-definition.ts'
import type { At, DeltaTable } from '../delta/delta-table.ts'
import { columnsOf } from '../delta/schema.ts'
import type { EngineInput } from '../engines/engine.ts'
import type { LakeView } from '../graph/lake-view.ts'
import { edgeOf } from '../graph/sliced-edges.ts'
import { neededSlices, requireNeeded } from '../partitions/mapped-slices.ts'
import type { Partitions, World } from '../partitions/partitions.ts'
import { sliceFilter } from '../partitions/slice-filter.ts'
import { writtenSlices } from '../partitions/slice-ledger.ts'
import { isEmpty, subtract } from '../partitions/slice-set.ts'
import { slicesText } from '../partitions/slice-text.ts'
import { noSlices } from '../partitions/slices.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import { quoteIdentifier, sqlType } from '../vocabulary/sql.ts'
import type { DataVersion } from '../vocabulary/version.ts'
import type { Inputs, StepSlices } from './inputs.ts'
import { sliceCondition } from './slice-condition.ts'
import { filesOfSlices } from './slices-in-files.ts'
import { OwnColumnsUnknown, SlicesNotMaterialized } from './storage-errors.ts'

/** Finds what a step reads: tables at the versions that the state names, and of tables with slices only those that the step's own need. */
export class UpstreamInputs {
  readonly #tableOf: (key: AssetKey) => Promise<DeltaTable>
  readonly #relationOf: (definition: AssetDefinition, at?: At) => Promise<string | undefined>

  /** @param relationOf a SELECT over the rows of what is no table of ours, undefined where there are none */
  constructor(tableOf: (key: AssetKey) => Promise<DeltaTable>, relationOf: (definition: AssetDefinition, at?: At) => Promise<string | undefined>) {
    this.#tableOf = tableOf
    this.#relationOf = relationOf
  }

  /** What an asset reads of these, as something that an engine can read: of an upstream with slices, those that the asset's slices need. */
  async read(definition: AssetDefinition, keys: readonly AssetKey[], slices: StepSlices | undefined, { graph, state, ledgers, world }: LakeView): Promise<Inputs> {
    const tables: EngineInput[] = []
    const versions = new Map<AssetKey, number>()
    const contents = new Map<AssetKey, DataVersion>()
    const counts = new Map<AssetKey, number>()
    let rows = 0
    for (const key of keys) {
      const made = state.last(key)
      const upstream = graph.get(key)
      const input = slices && upstream.partitions
        ? await this.#slicesOf(definition, upstream as Sliced, slices, made, ledgers, world)
        : await this.#input(upstream, made)
      if (input === undefined) throw new Error(`${key} is read, but holds nothing`)
      tables.push({ name: key, ...input })
      rows += made?.rows ?? 0
      if (made) versions.set(key, made.tableVersion)
      if (made) contents.set(key, made.dataVersion)
      if (made) counts.set(key, made.rows)
    }
    return { tables, rows, versions, contents, counts }
  }

  /** The rows of the slices that a step needs, and of no other. */
  async #slicesOf(reader: AssetDefinition, upstream: Sliced, { partitions, set }: StepSlices, made: Materialization | undefined, ledgers: LakeView['ledgers'], world: World): Promise<Readable | undefined> {
    const edge = edgeOf(reader, upstream.key)
    if (!edge) return this.#input(upstream, made)
    const needed = neededSlices(edge.mapping, partitions, upstream.partitions, set, world)
    requireNeeded(needed, { child: reader.key, upstream: upstream.key }, upstream.partitions, world)
    const ledger = ledgers.get(upstream.key)
    const absent = subtract(needed.slices, (ledger && writtenSlices(ledger)) ?? noSlices(upstream.partitions))
    if (!isEmpty(absent) && upstream.key !== reader.key) throw new SlicesNotMaterialized(reader.key, upstream.key, slicesText(upstream.partitions, absent))
    const table = await this.#tableOf(upstream.key)
    const snapshot = await table.find(made && { version: made.tableVersion })
    if (!snapshot) return upstream.key === reader.key ? { relation: emptyRelation(reader) } : undefined
    const columns = columnsOf(snapshot.schema)
    const types = new Map(columns.map(({ name, type }) => [name, type]))
    const filter = sliceFilter(upstream.partitions, needed.slices)
    const where = sliceCondition(filter, column => types.get(column) ?? 'VARCHAR')
    const files = filesOfSlices(snapshot, filter).map(({ file }) => file)
    return { relation: () => snapshot.scanSql({ files, filter: where }), table: { location: table.root, version: snapshot.version, columns, where } }
  }

  /** An upstream's rows as they are published, for engines that read files and for those that read tables. */
  async #input(upstream: AssetDefinition, made: Materialization | undefined): Promise<Readable | undefined> {
    if (!isTable(upstream)) {
      const relation = await this.#relationOf(upstream, made && { version: made.tableVersion })
      return relation === undefined ? undefined : { relation, content: made && `${made.tableVersion}:${made.dataVersion}` }
    }
    const table = await this.#tableOf(upstream.key)
    const snapshot = await table.find(made && { version: made.tableVersion })
    if (!snapshot) return undefined
    return { relation: () => snapshot.scanSql(), table: { location: table.root, version: snapshot.version, columns: columnsOf(snapshot.schema) } }
  }
}

/** How an engine reads an upstream. */
type Readable = Omit<EngineInput, 'name'>

type Sliced = AssetDefinition & { readonly partitions: Partitions }

/** An asset that reads its own earlier slices reads nothing at first, and what nothing looks like only its author can say. */
function emptyRelation(definition: AssetDefinition): string {
  if (!definition.columns) throw new OwnColumnsUnknown(definition)
  return `select ${Object.entries(definition.columns).map(([name, type]) => `null::${sqlType(type).sqlType} as ${quoteIdentifier(name)}`).join(', ')} where false`
}
