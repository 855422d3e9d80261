import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'
import { FRAMEWORK } from './bundle-facts.ts'
import * as framework from '../index.ts'

/** What each entry of a bundle exports, by path. */
export type BundledModules = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Evaluates a bundle. @throws {AssetsDoNotLoad} with the module that threw, as far as it can be told */
export async function importBundle(path: string): Promise<BundledModules> {
  ;(globalThis as Record<symbol, unknown>)[FRAMEWORK] = framework
  try {
    const { modules } = (await import(`${pathToFileURL(path).href}?${statSync(path).mtimeMs}`)) as { modules: Record<string, Record<string, unknown>> }
    return modules
  } catch (error) {
    const place = placeOfThrow(error as Error, path)
    if (error instanceof ExplainedError) throw error.place || !place ? error : Object.assign(error, { place })
    throw new AssetsDoNotLoad(error as Error, place)
  }
}

export class AssetsDoNotLoad extends ExplainedError {
  readonly code = 'project/assets-do-not-load'
  readonly hint: string
  constructor(override readonly cause: Error, override readonly place: Place | undefined) {
    super(`The assets can't be loaded: ${cause.message.split('\n')[0]}`)
    this.hint = /before initialization/.test(cause.message)
      ? 'Two modules import each other and one uses the other while it is still loading. Refer to upstreams by thunk, @Upstream(() => Orders), and extend no class from within such a circle.'
      : 'It was thrown while the modules were imported. What a module does when it is imported must not fail; the work belongs into query() or rows().'
  }
}

/** The author's module that threw, as far as the stack tells: the bundler heads each with its path. */
function placeOfThrow({ stack = '' }: Error, bundle: string): Place | undefined {
  const folder = dirname(bundle)
  for (const [, name, line] of stack.matchAll(new RegExp(`${basename(folder)}/([\\w-]+\\.mjs)[^:\\s]*:(\\d+):\\d+`, 'g'))) {
    const lines = readFileSync(join(folder, name!), 'utf8').split('\n').slice(0, Number(line))
    const module = lines.flatMap(text => /^\/\/ (\S+\.[mc]?[jt]s)$/.exec(text)?.[1] ?? []).at(-1)
    if (module !== undefined && !module.startsWith('\\0')) return { file: module }
  }
  return undefined
}
