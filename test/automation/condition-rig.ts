import { conditionWorld, NOTHING, WHOLE } from '../../framework/automation/condition-world.ts'
import { evaluateConditions, type ConditionCursor, type ConditionFacts, type Update } from '../../framework/automation/evaluate-conditions.ts'
import type { AssetDefinition } from '../../framework/definition/asset-definition.ts'
import type { AutomationCondition } from '../../framework/definition/automation-condition.ts'
import { overwrite } from '../../framework/definition/write-mode.ts'
import { AssetGraph } from '../../framework/graph/asset-graph.ts'
import { samePartition, type PartitionMapping } from '../../framework/partitions/mapping.ts'
import type { Partitions } from '../../framework/partitions/partitions.ts'
import { intersect, isEmpty, union, type SliceSet } from '../../framework/partitions/slice-set.ts'
import { parseSlices, slicesText } from '../../framework/partitions/slice-text.ts'
import { noSlices } from '../../framework/partitions/slices.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import type { ConditionTrace } from '../../framework/vocabulary/condition-trace.ts'

export interface Declared {
  readonly reads?: readonly string[]
  readonly when?: AutomationCondition
  readonly partitions?: Partitions
  readonly mapping?: PartitionMapping
}

/** A definition without a class, as YAML would give it. */
export const declared = (key: string, { reads = [], when, partitions, mapping }: Declared = {}): AssetDefinition => ({
  key: key as AssetKey, kind: 'sql', description: '', write: overwrite(), batch: 1, checks: [], owners: [], tags: [], volatile: false, declaredAs: key, partitions, automation: when,
  upstreams: reads.map(upstream => ({ property: upstream, mapping: mapping ?? samePartition(), asset: () => upstream as AssetKey })),
  body: () => {
    throw new Error('nothing is run here')
  },
})

/** Assets of which a story is told: what runs did, and which conditions ask for what at each tick. Every tick starts from cursors that were stored. */
export class ConditionRig {
  readonly #graph: AssetGraph
  #cursors = '{}'
  #updates: Update[] = []
  readonly #written = new Map<AssetKey, SliceSet>()
  readonly #running = new Map<AssetKey, SliceSet>()
  readonly #failed = new Map<AssetKey, SliceSet>()
  readonly #behind = new Map<AssetKey, SliceSet>()
  readonly #madeAt = new Map<AssetKey, number>()
  readonly #code = new Map<string, string>()
  readonly traces = new Map<string, ConditionTrace>()
  now: number

  constructor(assets: Readonly<Record<string, Declared>>, now: string) {
    this.#graph = new AssetGraph(Object.entries(assets).map(([key, each]) => declared(key, each)))
    this.now = Date.parse(now)
  }

  /** A run begins to make these: `key`, or `key@slices`. */
  begins(...assets: string[]): void {
    for (const [key, slices] of this.#parsed(assets)) this.#running.set(key, slices)
  }

  /** A run ends that set out to make all these, in this order; `!` before those that failed, `=` before those that came out as they were, `?` before those it did not get to. */
  ran(...assets: string[]): void {
    const targets = new Set(this.#parsed(assets.map(bare)).map(([key]) => key))
    for (const text of assets) {
      const [key, slices] = this.#parsed([bare(text)])[0]!
      this.#running.delete(key)
      if (text.startsWith('?')) continue
      if (text.startsWith('!')) {
        this.#failed.set(key, slices)
        continue
      }
      const changed = !text.startsWith('=')
      this.#failed.delete(key)
      this.#behind.delete(key)
      this.#written.set(key, union(this.#written.get(key) ?? this.#none(key), slices))
      this.#madeAt.set(key, this.now)
      this.#updates.push({ asset: key, slices, changed, targets })
      const world = conditionWorld(this.#graph, { now: new Date(this.now) })
      if (changed) for (const reader of this.#graph.downstreamKeysOf(key)) this.#behind.set(reader, union(this.#behind.get(reader) ?? this.#none(reader), intersect(world.fedBy(reader, key, slices), this.#written.get(reader) ?? this.#none(reader))))
    }
  }

  changeCode(key: string): void {
    this.#code.set(key, `${this.#code.get(key) ?? ''}+`)
  }

  forget(): void {
    this.#cursors = '{}'
  }

  /** What is asked for at this instant, `key` or `key@slices`. */
  tick(now?: string): string[] {
    if (now !== undefined) this.now = Date.parse(now)
    const world = conditionWorld(this.#graph, { now: new Date(this.now) })
    const of = (known: ReadonlyMap<AssetKey, SliceSet>) => (key: AssetKey) => known.get(key) ?? this.#none(key)
    const facts: ConditionFacts = {
      written: of(this.#written), inProgress: of(this.#running), failed: of(this.#failed), behind: of(this.#behind), updates: this.#updates,
      updatedSince: (key, instant) => ((this.#madeAt.get(key) ?? -Infinity) >= instant ? of(this.#written)(key) : this.#none(key)),
      codeVersion: key => this.#code.get(key) ?? '',
    }
    const before = new Map(Object.entries(JSON.parse(this.#cursors) as Record<AssetKey, ConditionCursor>)) as Map<AssetKey, ConditionCursor>
    const answers = evaluateConditions(world, facts, before)
    this.#cursors = JSON.stringify(Object.fromEntries(answers.map(({ asset, cursor }) => [asset, cursor])))
    this.#updates = []
    for (const { asset, trace } of answers) this.traces.set(asset, trace)
    return answers.filter(({ slices }) => !isEmpty(slices)).map(({ asset, slices }) => this.#text(asset, slices))
  }

  #parsed(assets: readonly string[]): (readonly [AssetKey, SliceSet])[] {
    return assets.map(text => {
      const [key, slices] = text.split('@') as [AssetKey, string | undefined]
      const { partitions } = this.#graph.get(key)
      return [key, partitions && slices ? parseSlices(partitions, slices) : partitions ? conditionWorld(this.#graph, { now: new Date(this.now) }).all(key) : WHOLE] as const
    })
  }

  #none(key: AssetKey): SliceSet {
    const { partitions } = this.#graph.get(key)
    return partitions ? noSlices(partitions) : NOTHING
  }

  #text(key: AssetKey, slices: SliceSet): string {
    const { partitions } = this.#graph.get(key)
    return partitions ? `${key}@${slicesText(partitions, slices)}` : key
  }
}

const bare = (text: string): string => text.replace(/^[!=?]/, '')
