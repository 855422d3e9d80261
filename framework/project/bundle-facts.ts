import { fingerprint } from '../vocabulary/version.ts'
import type { ModuleFacts } from './module-digest.ts'

/** What the bundler learnt of a project's modules, kept beside the bundle. Paths are relative to the project. */
export interface BundleFacts {
  /** `stamp` is that of the file as it was read. */
  readonly modules: Readonly<Record<string, ModuleFacts & { readonly stamp: string; readonly imports: readonly string[] }>>
}

/** The one name through which a bundle finds the framework that is running, whichever build of it that is. */
export const FRAMEWORK = Symbol.for('varve.framework')

/**
 * Names the logic of a module: its own and that of every local module it reaches. It stops at modules that declare assets, since
 * those are upstreams, whose own changes arrive as data.
 */
export function closureDigest(factsOf: (path: string) => Pick<BundleFacts['modules'][string], 'digest' | 'imports'> | undefined, start: string, declaresAssets: (path: string) => boolean): string {
  const reached = new Set<string>([start])
  for (const path of reached) for (const next of factsOf(path)?.imports ?? []) if (!declaresAssets(next)) reached.add(next)
  return fingerprint(...[...reached].sort().flatMap(path => [path, factsOf(path)?.digest ?? '']))
}
