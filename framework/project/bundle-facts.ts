import { fingerprint } from '../vocabulary/version.ts'
import type { ClassFacts } from './module-digest.ts'

/** What the bundler learnt of a project's modules, kept beside the bundle. Paths are relative to the project. */
export interface BundleFacts {
  /** `stamp` is that of the file as it was read. */
  readonly modules: Readonly<Record<string, { readonly stamp: string; readonly digest: string; readonly imports: readonly string[]; readonly classes: readonly ClassFacts[] }>>
}

/** The one name through which a bundle finds the framework that is running, whichever build of it that is. */
export const FRAMEWORK = Symbol.for('varve.framework')

/**
 * Names the logic of a module: its own and that of every local module it reaches. It stops at modules that declare assets, since
 * those are upstreams, whose own changes arrive as data.
 */
export function closureDigest(facts: BundleFacts, start: string, declaresAssets: (path: string) => boolean): string {
  const reached = new Set<string>([start])
  for (const path of reached) for (const next of facts.modules[path]?.imports ?? []) if (!declaresAssets(next)) reached.add(next)
  return fingerprint(...[...reached].sort().flatMap(path => [path, facts.modules[path]?.digest ?? '']))
}
