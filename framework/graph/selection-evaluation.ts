import type { AssetKey } from '../vocabulary/asset-key.ts'
import { FactNotAtHand, UnknownAsset, UnknownAttribute } from './selection-errors.ts'
import { globPattern, isGlob } from './selection-glob.ts'
import type { SelectableFacts, SelectableGraph, SelectionFacts } from './selection-graph.ts'
import { asksState, printSelection, type Selection, type SelectionAttribute, type Steps } from './selection-syntax.ts'

/** One byte per asset, in the graph's order. */
type Chosen = Uint8Array

/** Answers selections over one graph. */
export class Evaluation {
  readonly #index: ReadonlyMap<string, number>
  constructor(readonly graph: SelectableGraph, readonly facts: SelectionFacts) {
    this.#index = new Map(graph.keys.map((key, i) => [key, i]))
  }

  of(selection: Selection): Chosen {
    return this.#among(selection, new Uint8Array(this.graph.keys.length).fill(1))
  }

  /** The chosen of `among`: nothing outside of it is asked for its state. */
  #among(selection: Selection, among: Chosen): Chosen {
    switch (selection.type) {
      case 'key': return this.#byKey(selection.pattern, among)
      case 'attribute': return this.#byAttribute(selection.attribute, selection.pattern, among)
      case 'stale': return this.#byFact(selection, 'stale', among, stale => stale)
      case 'changed': return this.#byFact(selection, 'changed', among, changed => changed)
      case 'fresh': return this.#byFact(selection, 'freshness', among, state => state === selection.state)
      case 'check': return this.#byFact(selection, 'checkFailed', among, failed => failed)
      case 'column': return both(this.#byColumn(selection, selection.asset, selection.column), among)
      case 'reach': return both(this.#reach(this.of(selection.of), selection.up, selection.down), among)
      case 'around': return both(this.#reach(this.#reach(this.of(selection.of), 0, 'all'), 'all', 0), among)
      case 'sinks': return both(this.#ends(this.of(selection.of), key => this.graph.downstreamKeysOf(key)), among)
      case 'roots': return both(this.#ends(this.of(selection.of), key => this.graph.upstreamKeysOf(key)), among)
      case 'not': {
        const without = this.#among(selection.of, among)
        return among.map((is, i) => is & (without[i]! ^ 1))
      }
      case 'and': {
        const cheapFirst = [...selection.of].sort((a, b) => Number(asksState(a)) - Number(asksState(b)))
        return cheapFirst.reduce((left, part) => this.#among(part, left), among)
      }
      case 'or': {
        const any = new Uint8Array(among.length)
        for (const part of selection.of) {
          const chosen = this.#among(part, among.map((is, i) => is & (any[i]! ^ 1)))
          for (let i = 0; i < any.length; i += 1) any[i]! |= chosen[i]!
        }
        return any
      }
    }
  }

  #byKey(pattern: string, among: Chosen): Chosen {
    if (pattern === '*') return among
    const chosen = new Uint8Array(among.length)
    if (!isGlob(pattern)) {
      const i = this.#indexOf(pattern)
      chosen[i] = among[i]!
      return chosen
    }
    const glob = globPattern(pattern)
    for (const [i, key] of this.graph.keys.entries()) if (among[i] && glob.test(key)) chosen[i] = 1
    return chosen
  }

  #byAttribute(attribute: SelectionAttribute, pattern: string, among: Chosen): Chosen {
    const chosen = new Uint8Array(among.length)
    const known = new Set<string>()
    const glob = isGlob(pattern) ? globPattern(pattern) : undefined
    for (const [i, key] of this.graph.keys.entries()) {
      for (const value of valuesOf(this.graph.facts(key), attribute)) {
        known.add(value)
        if (value === pattern || glob?.test(value)) chosen[i] = among[i]!
      }
    }
    if (!glob && !known.has(pattern)) throw new UnknownAttribute(attribute, pattern, [...known].sort())
    return chosen
  }

  #byFact<F extends 'stale' | 'changed' | 'freshness' | 'checkFailed'>(selection: Selection, fact: F, among: Chosen, holds: (value: ReturnType<Required<SelectionFacts>[F]>) => boolean): Chosen {
    if (!this.facts[fact]) throw new FactNotAtHand(printSelection(selection), FACT_SOURCES[fact])
    const ask = (key: AssetKey) => holds(this.facts[fact]!(key) as ReturnType<Required<SelectionFacts>[F]>)
    return among.map((is, i) => (is && ask(this.graph.keys[i]!) ? 1 : 0))
  }

  #byColumn(selection: Selection, asset: string, column: string): Chosen {
    const key = this.graph.keys[this.#indexOf(asset)]!
    if (!this.facts.columnClosure) throw new FactNotAtHand(printSelection(selection), FACT_SOURCES.columnClosure)
    const chosen = new Uint8Array(this.graph.keys.length)
    for (const through of this.facts.columnClosure(key, column)) chosen[this.#indexOf(through)] = 1
    return chosen
  }

  #reach(from: Chosen, up: Steps, down: Steps): Chosen {
    const chosen = from.slice()
    this.#spread(from, chosen, up, key => this.graph.upstreamKeysOf(key))
    this.#spread(from, chosen, down, key => this.graph.downstreamKeysOf(key))
    return chosen
  }

  #spread(from: Chosen, into: Chosen, steps: Steps, next: (key: AssetKey) => readonly AssetKey[]): void {
    const seen = from.slice()
    let edge: AssetKey[] = this.graph.keys.filter((_, i) => from[i])
    for (let left = steps === 'all' ? Infinity : steps; left > 0 && edge.length > 0; left -= 1) {
      const further: AssetKey[] = []
      for (const key of edge) {
        for (const neighbour of next(key)) {
          const i = this.#index.get(neighbour)!
          if (seen[i]) continue
          seen[i] = into[i] = 1
          further.push(neighbour)
        }
      }
      edge = further
    }
  }

  #ends(of: Chosen, next: (key: AssetKey) => readonly AssetKey[]): Chosen {
    return of.map((is, i) => (is && !next(this.graph.keys[i]!).some(neighbour => of[this.#index.get(neighbour)!]) ? 1 : 0))
  }

  #indexOf(key: string): number {
    const i = this.#index.get(key)
    if (i === undefined) throw new UnknownAsset(key, this.graph.keys, [...new Set(this.graph.keys.map(known => this.graph.facts(known).layer))])
    return i
  }
}

const FACT_SOURCES = {
  stale: { what: 'the state of the lake', hint: 'Use it with `varve plan`, `varve materialize` or `varve status`.' },
  changed: { what: 'the state of the lake', hint: 'Use it with `varve plan`, `varve materialize` or `varve status`.' },
  freshness: { what: 'the freshness of the assets', hint: 'Use it with `varve freshness` or `varve status`.' },
  checkFailed: { what: 'the newest check results', hint: 'Use it with `varve check` or `varve status`.' },
  columnClosure: { what: 'the lineage of columns', hint: 'Use it with `varve lineage --columns`.' },
} as const

const both = (a: Chosen, b: Chosen): Chosen => a.map((is, i) => is & b[i]!)

function valuesOf(facts: SelectableFacts, attribute: SelectionAttribute): readonly string[] {
  switch (attribute) {
    case 'tag': return facts.tags
    case 'owner': return facts.owners
    case 'group': return facts.group === undefined ? [] : [facts.group]
    case 'kind': return [facts.kind]
    case 'layer': return [facts.layer]
  }
}
