import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { ProjectRig } from '../rig/project-rig.ts'

/** What the assets hold: each is a small number made from those it reads, so that a change often dies on its way. */
interface Node {
  readonly reads: readonly number[]
  /** The rows are counted modulo this: the smaller it is, the sooner a change dies. */
  readonly modulus: number
}

let sources: readonly number[] = []
let calls: string[] = []
Object.assign(globalThis, { cutoff: { value: (i: number) => sources[i], called: (key: string) => void calls.push(key) } })

let rig: ProjectRig | undefined
afterEach(() => rig?.remove())

const key = (i: number) => `silver/a${i}`

/** TypeScript that fills a one-row table, and counts how often it is asked to. */
const module = (i: number, { reads, modulus }: Node) => `
import { Asset, RowAsset, SqlAsset, Upstream, sql } from 'varve'
${reads.map(read => `import { A${read} } from './a${read}'`).join('\n')}
/** One row. */
@Asset({ key: '${key(i)}' })
${reads.length === 0 ? `export class A${i} extends RowAsset<{ n: number }> {
  readonly columns = { n: 'bigint' }
  async *rows() {
    globalThis.cutoff.called('${key(i)}')
    yield { n: globalThis.cutoff.value(${i}) }
  }
}` : `export class A${i} extends SqlAsset {
  ${reads.map(read => `@Upstream(() => A${read}) readonly a${read}!: A${read}`).join('\n  ')}
  query() {
    return sql\`select sum(n) % ${modulus} as n from (${reads.map(read => `from \${this.a${read}}`).join(' union all ')})\`
  }
}`}`

const values = (nodes: readonly Node[], given: readonly number[]): number[] => {
  const found: number[] = []
  for (const [i, { reads, modulus }] of nodes.entries()) found.push(reads.length === 0 ? given[i]! : reads.reduce((sum, read) => sum + found[read]!, 0) % modulus)
  return found
}

const dag = fc.integer({ min: 4, max: 9 }).chain(size =>
  fc.tuple(...Array.from({ length: size }, (_, i) => fc.record<Node>({
    reads: i < 2 ? fc.constant([]) : fc.subarray(Array.from({ length: i }, (_, j) => j), { minLength: 0, maxLength: Math.min(i, 3) }),
    modulus: fc.integer({ min: 1, max: 6 }),
  }))))

test('of random graphs with random changes, exactly those run whose inputs have other content than before', async () => {
  await fc.assert(fc.asyncProperty(dag, fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 9, maxLength: 9 }), { minLength: 2, maxLength: 3 }), async (nodes, rounds) => {
    rig = new ProjectRig(Object.fromEntries(nodes.map((node, i) => [`assets/${key(i)}.ts`, module(i, node)])))
    try {
      sources = rounds[0]!
      await rig.run()
      let before = values(nodes, sources)
      for (const given of rounds.slice(1)) {
        sources = given
        const now = values(nodes, given)
        calls = []
        const roots = nodes.flatMap(({ reads }, i) => (reads.length === 0 ? [i] : []))
        // Whatever has no upstream is asked, since nobody can know; what is below only where something that it reads came out otherwise.
        const { steps } = await rig.with(project => project.materialize({ selection: [roots.map(i => `${key(i)}`).join(' or ')], force: true }, { signal: new AbortController().signal, listen: () => {} }))
        expect(steps.map(step => [step.asset, step.status, step.unchanged]).sort()).toEqual(roots.map(i => [key(i), 'materialized', now[i] === before[i]]).sort())
        const below = await rig.run()
        const ran = below.steps.filter(({ status }) => status === 'materialized').map(({ asset }) => asset)
        const due = nodes.flatMap(({ reads }, i) => (reads.some(read => now[read] !== before[read]) ? [key(i)] : []))
        expect([...ran].sort()).toEqual([...due].sort())
        expect([...calls].sort()).toEqual(roots.map(key).sort())
        expect((await rig.run()).steps).toEqual([])
        before = now
      }
    } finally {
      rig.remove()
    }
  }), { numRuns: process.env['VARVE_FULL'] === '1' ? 100 : 8 })
}, 600_000)
