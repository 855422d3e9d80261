import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmptySelection } from '../../framework/graph/selection-errors.ts'
import { parseSelection } from '../../framework/graph/selection-parser.ts'
import type { Selection } from '../../framework/graph/selection-syntax.ts'
import { select, selectAny, type SelectableFacts, type SelectableGraph, type SelectionFacts } from '../../framework/graph/selection.ts'
import { assetKey, layerOf, type AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { ExplainedError } from '../../framework/vocabulary/errors.ts'

/** A graph from `key: upstreams` in order, with what its assets say of themselves. */
function graphOf(edges: Record<string, readonly string[]>, said: Record<string, Partial<SelectableFacts>> = {}): SelectableGraph {
  const keys = Object.keys(edges).map(assetKey)
  const downstreams = new Map<AssetKey, AssetKey[]>(keys.map(key => [key, []]))
  for (const key of keys) for (const upstream of edges[key]!) downstreams.get(assetKey(upstream))!.push(key)
  return {
    keys,
    upstreamKeysOf: key => edges[key]!.map(assetKey),
    downstreamKeysOf: key => downstreams.get(key)!,
    facts: key => ({ layer: layerOf(key), kind: 'sql', tags: [], owners: [], ...said[key] }),
  }
}

const shop = graphOf({
  'landing/crm': [],
  'landing/fx': [],
  'bronze/crm': ['landing/crm'],
  'bronze/fx': ['landing/fx'],
  'silver/customers': ['bronze/crm'],
  'silver/rates': ['bronze/fx'],
  'gold/customer_360': ['silver/customers', 'silver/rates'],
  'gold/rates': ['silver/rates'],
  'serve/customers': ['gold/customer_360'],
}, {
  'landing/crm': { kind: 'file', owners: ['team:crm'], group: 'crm' },
  'landing/fx': { kind: 'file', owners: ['team:finance'] },
  'silver/customers': { tags: ['pii', 'daily'], owners: ['team:crm'], group: 'crm' },
  'gold/customer_360': { tags: ['pii'], owners: ['anna@example.org'] },
})

const mistake = (text: string, facts?: SelectionFacts, graph = shop) => {
  try {
    select(graph, text, facts)
  } catch (error) {
    if (error instanceof ExplainedError) return { code: error.code, message: error.message, hint: error.hint }
    throw error
  }
  throw new Error(`${text} selected something`)
}

describe('a selection', () => {
  it.each([
    ['gold/customer_360', ['gold/customer_360']],
    ['gold/*', ['gold/customer_360', 'gold/rates']],
    ['*/customers', ['silver/customers', 'serve/customers']],
    ['????/rates', ['gold/rates']],
    ['+gold/rates', ['landing/fx', 'bronze/fx', 'silver/rates', 'gold/rates']],
    ['1+gold/rates', ['silver/rates', 'gold/rates']],
    ['silver/rates+', ['silver/rates', 'gold/customer_360', 'gold/rates', 'serve/customers']],
    ['1+silver/rates+1', ['bronze/fx', 'silver/rates', 'gold/customer_360', 'gold/rates']],
    ['@bronze/crm', ['landing/crm', 'landing/fx', 'bronze/crm', 'bronze/fx', 'silver/customers', 'silver/rates', 'gold/customer_360', 'serve/customers']],
    ['tag:pii', ['silver/customers', 'gold/customer_360']],
    ['tag:d*', ['silver/customers']],
    ['group:crm', ['landing/crm', 'silver/customers']],
    ['owner:team:*', ['landing/crm', 'landing/fx', 'silver/customers']],
    ['owner:anna@example.org+', ['gold/customer_360', 'serve/customers']],
    ['kind:file', ['landing/crm', 'landing/fx']],
    ['layer:gold', ['gold/customer_360', 'gold/rates']],
    ['sinks(*)', ['gold/rates', 'serve/customers']],
    ['sinks(not layer:serve)', ['gold/customer_360', 'gold/rates']],
    ['roots(+gold/customer_360)', ['landing/crm', 'landing/fx']],
    ['roots(gold/* or silver/rates)', ['silver/rates']],
    ['+tag:pii and layer:silver', ['silver/customers', 'silver/rates']],
    ['1+(gold/rates or serve/customers)', ['silver/rates', 'gold/customer_360', 'gold/rates', 'serve/customers']],
    ['gold/rates or landing/fx', ['landing/fx', 'gold/rates']],
  ])('%s means %j', (text, expected) => expect(select(shop, text)).toEqual(expected))

  it('asks the lake for its state, and only of the assets on which the answer hangs', () => {
    const asked: AssetKey[] = []
    const facts: SelectionFacts = { stale: key => asked.push(key) > 0 && key === 'gold/rates' }
    expect(select(shop, 'stale and gold/*', facts)).toEqual(['gold/rates'])
    expect(asked).toEqual(['gold/customer_360', 'gold/rates'])
    expect(select(shop, '1+stale', facts)).toEqual(['silver/rates', 'gold/rates'])
    expect(select(shop, 'changed', { changed: key => key.startsWith('bronze') })).toEqual(['bronze/crm', 'bronze/fx'])
    expect(select(shop, 'fresh:fail', { freshness: key => (key === 'bronze/fx' ? 'fail' : 'none') })).toEqual(['bronze/fx'])
    expect(select(shop, 'check:failed', { checkFailed: key => key === 'gold/rates' })).toEqual(['gold/rates'])
  })

  it('takes the assets through which a column flows from the lineage', () => {
    const facts: SelectionFacts = { columnClosure: (key, column) => (key === 'gold/rates' && column === 'usd' ? [assetKey('bronze/fx'), assetKey('silver/rates'), key] : []) }
    expect(select(shop, 'column:gold/rates.usd and not layer:bronze', facts)).toEqual(['silver/rates', 'gold/rates'])
  })

  it('offers near names for what no asset has', () => {
    expect(mistake('gold/customer')).toEqual({ code: 'graph/unknown-asset', message: 'There is no asset gold/customer.', hint: 'Did you mean gold/customer_360, serve/customers or silver/customers?' })
    expect(mistake('gold')).toEqual({ code: 'graph/unknown-asset', message: 'There is no asset gold.', hint: 'For the whole layer write gold/* or layer:gold.' })
    expect(mistake('tag:pi')).toEqual({ code: 'graph/unknown-tag', message: 'There is no asset with tag:pi.', hint: 'Did you mean pii?' })
    expect(mistake('layer:goldd')).toMatchObject({ code: 'graph/unknown-layer', hint: 'Did you mean gold?' })
    expect(mistake('kind:spark')).toMatchObject({ code: 'graph/unknown-kind', hint: 'It is one of file or sql.' })
    expect(mistake('owner:crm')).toMatchObject({ code: 'graph/unknown-owner', hint: 'Did you mean team:crm?' })
    expect(mistake('group:sales')).toMatchObject({ code: 'graph/unknown-group', hint: 'It is one of crm.' })
    expect(mistake('gold/* and not gold/ratse')).toMatchObject({ code: 'graph/unknown-asset', hint: 'Did you mean gold/rates or silver/rates?' })
  })

  it('is a mistake where it matches nothing', () => {
    expect(mistake('glod/*')).toEqual({ code: 'graph/empty-selection', message: 'The selection glod/* matches no asset.', hint: 'Nothing is named glod/*. Did you mean gold/*?' })
    expect(mistake('gold/* and silver/*').hint).toBe('Its parts have no asset in common: select less strictly.')
    expect(mistake('*', {}, graphOf({})).hint).toBe('The project has no asset yet: put a file under assets/.')
  })

  it('tells an empty state of the lake from a selection that can never match', () => {
    const emptiness = (text: string) => {
      try {
        return select(shop, text, { stale: () => false })
      } catch (error) {
        return (error as EmptySelection).ofState
      }
    }
    expect([emptiness('+stale'), emptiness('gold/* and silver/*')]).toEqual([true, false])
    expect(selectAny(shop, 'stale', { stale: () => false })).toEqual([])
  })

  it('says which command knows a fact that was not handed over', () => {
    expect(mistake('gold/* or stale')).toEqual({
      code: 'graph/fact-not-at-hand',
      message: '"stale" needs the state of the lake, which this command does not look at.',
      hint: 'Use it with `varve plan`, `varve materialize` or `varve status`.',
    })
    expect(['changed', 'fresh:warn', 'check:failed', 'column:gold/rates.usd'].map(text => mistake(text).code)).toEqual(Array.from({ length: 4 }, () => 'graph/fact-not-at-hand'))
  })
})

describe('on any graph', () => {
  const TAGS = ['a', 'b', 'c']
  const dag = fc.integer({ min: 1, max: 12 }).chain(size => fc.record({
    reads: fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: size, maxLength: size }),
    tags: fc.array(fc.subarray(TAGS), { minLength: size, maxLength: size }),
    stale: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
  })).map(({ reads, tags, stale }) => {
    const keys = reads.map((_, i) => `l${i % 3}/x${i}`)
    const edges = Object.fromEntries(keys.map((key, i) => [key, i === 0 ? [] : [...new Set(reads[i]!.map(n => keys[n % i]!))]]))
    // Every tag exists somewhere, so that none is an unknown name.
    const said = Object.fromEntries(keys.map((key, i) => [key, { tags: i === 0 ? TAGS : tags[i]! }]))
    return { graph: graphOf(edges, said), edges, tags: said, stale: Object.fromEntries(keys.map((key, i) => [key, stale[i]!])) }
  })
  const { selection } = fc.letrec<{ selection: Selection }>(tie => ({
    selection: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Selection>({ type: 'key', pattern: 'l0/x0' }, { type: 'key', pattern: 'l1/*' }, { type: 'key', pattern: '*1' }, { type: 'key', pattern: '*' }, { type: 'stale' }),
      fc.record({ type: fc.constant('attribute' as const), attribute: fc.constant('tag' as const), pattern: fc.constantFrom(...TAGS) }),
      fc.record({ type: fc.constant('reach' as const), up: fc.constantFrom(0, 1, 2, 'all' as const), down: fc.constantFrom(1, 2, 'all' as const), of: tie('selection') }),
      fc.record({ type: fc.constantFrom('around' as const, 'sinks' as const, 'roots' as const, 'not' as const), of: tie('selection') }),
      fc.record({ type: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('selection'), { minLength: 2, maxLength: 3 }) }),
    ),
  }))

  /** The rules as sets, one line each. */
  const naively = (world: typeof dag extends fc.Arbitrary<infer W> ? W : never, ast: Selection): Set<string> => {
    const all = Object.keys(world.edges)
    const of = (part: Selection) => naively(world, part)
    const upOnce = (set: Set<string>) => new Set([...set, ...[...set].flatMap(key => world.edges[key]!)])
    const downOnce = (set: Set<string>) => new Set([...set, ...all.filter(key => world.edges[key]!.some(up => set.has(up)))])
    const times = (count: number | 'all', once: (set: Set<string>) => Set<string>, set: Set<string>) => Array.from({ length: count === 'all' ? all.length : count }).reduce<Set<string>>(once, set)
    switch (ast.type) {
      case 'key': return new Set(all.filter(key => (ast.pattern === '*' ? true : ast.pattern === 'l1/*' ? key.startsWith('l1/') : ast.pattern === '*1' ? key.endsWith('1') : key === ast.pattern)))
      case 'attribute': return new Set(all.filter(key => world.tags[key]!.tags.includes(ast.pattern)))
      case 'stale': return new Set(all.filter(key => world.stale[key]))
      case 'reach': return new Set([...times(ast.up, upOnce, of(ast.of)), ...times(ast.down, downOnce, of(ast.of))])
      case 'around': return times('all', upOnce, times('all', downOnce, of(ast.of)))
      case 'sinks': return new Set([...of(ast.of)].filter(key => !all.some(other => of(ast.of).has(other) && world.edges[other]!.includes(key))))
      case 'roots': return new Set([...of(ast.of)].filter(key => !world.edges[key]!.some(up => of(ast.of).has(up))))
      case 'not': return new Set(all.filter(key => !of(ast.of).has(key)))
      case 'and': return new Set(all.filter(key => ast.of.every(part => of(part).has(key))))
      case 'or': return new Set(all.filter(key => ast.of.some(part => of(part).has(key))))
      default: throw new Error(`${ast.type} is not generated`)
    }
  }

  it('selects what the rules say as sets, in the graph’s order', () => {
    fc.assert(fc.property(dag, selection, (world, ast) => {
      const expected = naively(world, ast)
      expect(selectAny(world.graph, ast, { stale: key => world.stale[key]! })).toEqual(world.graph.keys.filter(key => expected.has(key)))
    }), { numRuns: 500 })
  })

  it('looks at each edge once, whatever the size and shape', () => {
    const size = 10_000
    const keys = Array.from({ length: size }, (_, i) => `l/x${i}`)
    const graph = graphOf(Object.fromEntries(keys.map((key, i) => [key, [...new Set([i - 1, Math.floor(i / 2)])].filter(n => n >= 0 && n < i).map(n => keys[n]!)])))
    let looks = 0
    const counted: SelectableGraph = { ...graph, upstreamKeysOf: key => {
      looks += 1
      return graph.upstreamKeysOf(key)
    } }
    expect(select(counted, `+${keys.at(-1)}`)).toHaveLength(size)
    expect(looks).toBe(size)
    expect(select(counted, parseSelection(`10+${keys.at(-1)} and not ${keys.at(-1)}`)).length).toBeLessThan(1_000)
  })
})
