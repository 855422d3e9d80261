import { afterEach, expect, it } from 'vitest'
import { ProjectRig } from '../rig/project-rig.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

/** Who is at work now, and who ever was at once. */
const watched = globalThis as unknown as { atWork: Set<string>; most: number; begun: string[]; three: PromiseWithResolvers }
interface PromiseWithResolvers { readonly promise: Promise<void>; readonly resolve: () => void }

function resolvers(): PromiseWithResolvers {
  let resolve!: () => void
  return { promise: new Promise(done => (resolve = done)), resolve }
}

/** An asset that is not done before three are at work at once: it hangs where steps do not overlap. */
const waiting = (name: string, upstream?: string) => `
  import { Asset, RowAsset, Upstream } from 'varve'
  ${upstream ? `import { Rows as Above } from './${upstream}.ts'` : ''}
  @Asset({ key: 'bronze/${name}' })
  export class Rows extends RowAsset<{ n: number }> {
    readonly columns = { n: 'integer' }
    ${upstream ? '@Upstream(() => Above) readonly above!: Above' : ''}
    async *rows() {
      const watched = globalThis as any
      watched.atWork.add('${name}')
      watched.begun.push('${name}')
      watched.most = Math.max(watched.most, watched.atWork.size)
      if (watched.atWork.size === 3) watched.three.resolve()
      await watched.three.promise
      await new Promise(resolve => setTimeout(resolve, 5))
      yield { n: 1 }
      watched.atWork.delete('${name}')
    }
  }`

it('[ARC-06] steps that are ready are done at once, as many as the configuration allows and never more, and each after its upstreams', async () => {
  const files = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map(name => [`assets/bronze/${name}.ts`, waiting(name, name === 'f' ? 'a' : undefined)]))
  rig = new ProjectRig({ ...files, 'config/local.yaml': 'layers: [bronze]\njobs: 3\n' })
  Object.assign(watched, { atWork: new Set(), most: 0, begun: [], three: resolvers() })
  const { ok, steps } = await rig.run(['bronze/*'], { exclude: ['bronze/e'] })
  expect([ok, steps.map(({ asset }) => asset).sort()]).toEqual([true, ['bronze/a', 'bronze/b', 'bronze/c', 'bronze/d', 'bronze/f']])
  expect([watched.most, watched.begun.indexOf('f') > watched.begun.indexOf('a')]).toEqual([3, true])
}, 60_000)
