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
 * The modules that make the logic of one: itself and every local module that it reaches. That stops at modules that declare assets, since
 * those are upstreams, whose own changes arrive as data.
 */
export function closureOf(importsOf: (path: string) => readonly string[], start: string, declaresAssets: (path: string) => boolean): readonly string[] {
  const reached = new Set<string>([start])
  for (const path of reached) for (const next of importsOf(path)) if (!declaresAssets(next)) reached.add(next)
  return [...reached].sort()
}

/** Names the logic of such modules. */
export const closureDigest = (closure: readonly string[], digestOf: (path: string) => string): string => fingerprint(...closure.flatMap(path => [path, digestOf(path)]))
