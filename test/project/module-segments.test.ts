import fc from 'fast-check'
import { expect, test } from 'vitest'
import { segmentsOf } from '../../framework/project/module-segments.ts'

/** Modules that import each other as it comes, circles included. */
const graphs = fc.integer({ min: 1, max: 40 }).chain(size => fc.array(fc.array(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }))
  .map(imports => new Map(imports.map((each, i) => [`assets/a${i}.ts`, each.map(other => `assets/a${other}.ts`)])))

test('each module is in one segment, and imports only of it and of those before', () => {
  fc.assert(fc.property(graphs, fc.integer({ min: 1, max: 5 }), (graph, least) => {
    const segments = segmentsOf([...graph.keys()], path => graph.get(path)!, { least, most: least * 2 })
    expect(segments.flatMap(({ modules }) => modules).sort()).toEqual([...graph.keys()].sort())
    expect(new Set(segments.map(({ name }) => name)).size).toBe(segments.length)
    const seen = new Set<string>()
    for (const { modules } of segments) {
      for (const path of modules) seen.add(path)
      for (const path of modules) for (const other of graph.get(path)!) expect(seen).toContain(other)
    }
  }))
})

test('a module more moves few of the others', () => {
  const graph = (count: number) => new Map(Array.from({ length: count }, (_, i) => [`assets/a${String(i).padStart(4, '0')}.ts`, i < 10 ? [] : [`assets/a${String(i % 10).padStart(4, '0')}.ts`]]))
  const cut = (modules: Map<string, string[]>) => segmentsOf([...modules.keys()].sort(), path => modules.get(path)!, { least: 16, most: 64 })
  const before = cut(graph(2000))
  const more = graph(2000)
  more.set('assets/a0999b.ts', [])
  const after = new Set(cut(more).map(segment => JSON.stringify(segment)))
  expect(before.length).toBeGreaterThan(30)
  expect(before.filter(segment => !after.has(JSON.stringify(segment))).length).toBeLessThan(6)
})

test('a chain that is longer than the engine\'s stack is cut too', () => {
  const path = (i: number) => `assets/a${i}.ts`
  const segments = segmentsOf([path(0)], each => (each === path(50_000) ? [] : [path(Number(/\d+/.exec(each)![0]) + 1)]))
  expect(segments.flatMap(({ modules }) => modules)).toHaveLength(50_001)
  expect(segments[0]!.modules[0]).toBe(path(50_000))
})
