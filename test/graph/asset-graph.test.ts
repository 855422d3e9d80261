import { describe, expect, it } from 'vitest'
import { Asset, SqlAsset, Upstream, sql } from '#framework'
import type { AssetClass, AssetDefinition } from '../../framework/definition/asset-definition.ts'
import { definitionOf } from '../../framework/definition/asset.ts'
import { overwrite } from '../../framework/definition/write-mode.ts'
import { AssetGraph } from '../../framework/graph/asset-graph.ts'
import { samePartition } from '../../framework/partitions/mapping.ts'
import { assetKey } from '../../framework/vocabulary/asset-key.ts'
import type { ExplainedError } from '../../framework/vocabulary/errors.ts'

/** A definition without a class, as YAML would give it. */
function asset(key: string, reads: readonly string[] = [], more: Partial<AssetDefinition> = {}): AssetDefinition {
  return {
    key: assetKey(key), kind: 'sql', description: '', write: overwrite(), checks: [], owners: [], tags: [], volatile: false, batch: 1, declaredAs: key,
    upstreams: reads.map(name => ({ property: name.split('/')[1]!, asset: () => assetKey(name), mapping: samePartition() })),
    place: { file: `assets/${key}.ts`, line: 3 },
    body: () => ({ kind: 'sql', query: () => sql`select 1` }),
    ...more,
  }
}

function mistakeOf(work: () => unknown): Pick<ExplainedError, 'code' | 'message' | 'hint' | 'place'> {
  try {
    work()
  } catch (error) {
    const { code, message, hint, place } = error as ExplainedError
    return { code, message, hint, place }
  }
  throw new Error('no mistake was found')
}

const LAYERS = ['bronze', 'silver', 'gold']

describe('an asset graph', () => {
  it('lists upstreams first, in one order whatever order the assets were found in', () => {
    const assets = [asset('gold/a', ['silver/b', 'silver/c']), asset('silver/b', ['bronze/d']), asset('silver/c', ['bronze/d']), asset('bronze/d')]
    const expected = ['bronze/d', 'silver/b', 'silver/c', 'gold/a']
    expect(new AssetGraph(assets).keys).toEqual(expected)
    expect(new AssetGraph(assets.toReversed()).keys).toEqual(expected)
  })

  it('prints the cycle that it finds', () => {
    expect(mistakeOf(() => new AssetGraph([asset('silver/a', ['silver/b']), asset('silver/b', ['silver/c']), asset('silver/c', ['silver/a'])]))).toEqual({
      code: 'graph/cycle',
      message: 'These assets wait for each other: silver/a -> silver/c -> silver/b -> silver/a.',
      hint: 'Remove one of these upstreams, or split the asset that needs both directions.',
      place: { file: 'assets/silver/a.ts', line: 3 },
    })
  })

  it('tells every circle at once, each as short as can be', () => {
    const assets = [
      asset('silver/a', ['silver/c', 'silver/b']), asset('silver/b', ['silver/a']), asset('silver/c', ['silver/b']),
      asset('silver/x', ['silver/x', 'silver/a']), asset('silver/reads', ['silver/x']), asset('silver/read'), asset('silver/y', ['silver/z', 'silver/read']), asset('silver/z', ['silver/y']),
    ]
    const told = mistakeOf(() => new AssetGraph(assets)).message
    for (const circle of ['silver/a -> silver/b -> silver/a', 'silver/x -> silver/x', 'silver/y -> silver/z -> silver/y']) expect(told).toContain(`These assets wait for each other: ${circle}.`)
    expect(told.match(/wait for each other/g)).toHaveLength(3)
  })

  it('survives a chain that is deeper than the stack', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => asset(`silver/s${i}`, i === 0 ? [] : [`silver/s${i - 1}`]))
    expect(new AssetGraph(chain).keys.length).toBe(20_000)
  })

  it('says which upstream is not there, and what may be meant', () => {
    expect(mistakeOf(() => new AssetGraph([asset('gold/a', ['silver/ordres']), asset('silver/orders')]))).toEqual({
      code: 'graph/missing-upstream',
      message: 'gold/a reads silver/ordres as "ordres", but no such asset was loaded.',
      hint: 'Did you mean silver/orders?',
      place: { file: 'assets/gold/a.ts', line: 3 },
    })
  })

  it('refuses a key that is declared twice, naming both places', () => {
    const { code, message } = mistakeOf(() => new AssetGraph([asset('gold/a', [], { declaredAs: 'First' }), asset('gold/a', [], { declaredAs: 'Second' })]))
    expect({ code, message }).toEqual({ code: 'graph/duplicate-key', message: 'gold/a is declared twice: by First in assets/gold/a.ts and by Second in assets/gold/a.ts.' })
  })

  it('refuses a lower layer that reads a higher one', () => {
    expect(mistakeOf(() => new AssetGraph([asset('bronze/a', ['gold/b']), asset('gold/b')], LAYERS)).code).toBe('graph/lower-layer-reads-higher')
  })

  it('lets layers that the configuration does not rank read and be read', () => {
    expect(new AssetGraph([asset('features/a', ['gold/b']), asset('gold/b', ['features/c']), asset('features/c')], LAYERS).size).toBe(3)
  })

  it('refuses to read from a sink', () => {
    expect(mistakeOf(() => new AssetGraph([asset('gold/a', ['serve/b']), asset('serve/b', [], { kind: 'publish' })])).code).toBe('graph/sink-is-read')
  })

  it('refuses an upstream that is declared twice', () => {
    expect(mistakeOf(() => new AssetGraph([asset('gold/a', ['silver/b', 'silver/b']), asset('silver/b')])).code).toBe('graph/upstream-twice')
  })

  it('tells all mistakes in one look', () => {
    const { message } = mistakeOf(() => new AssetGraph([asset('gold/a', ['silver/x']), asset('gold/b', ['silver/y'])]))
    expect(message.split('\n')).toHaveLength(2)
  })

  it('says what to do when the class of an upstream is not there yet', () => {
    const classes: { late?: AssetClass<SqlAsset> } = {}
    @Asset({ key: 'gold/early' })
    class Early extends SqlAsset {
      @Upstream(() => classes.late!) readonly late!: SqlAsset
      query() {
        return sql`select 1`
      }
    }
    expect(mistakeOf(() => new AssetGraph([definitionOf(Early)]))).toMatchObject({ code: 'definition/upstream-not-loaded', message: 'gold/early declares the upstream "late", but its class is not there.' })
  })

  it('says that an upstream lacks its decorator', () => {
    class Bare extends SqlAsset {
      query() {
        return sql`select 1`
      }
    }
    @Asset({ key: 'gold/reader' })
    class Reader extends SqlAsset {
      @Upstream(() => Bare) readonly bare!: Bare
      query() {
        return sql`select 1`
      }
    }
    expect(mistakeOf(() => new AssetGraph([definitionOf(Reader)]))).toMatchObject({ code: 'definition/not-an-asset', message: 'gold/reader declares the upstream "bare" as Bare, which is no asset.' })
  })
})
