import { definitionIn } from '../definition/asset.ts'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { keepAsset } from '../definition/kept-asset.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { SqlFragment } from '../vocabulary/sql.ts'
import type { CodeVersion } from '../vocabulary/version.ts'
import type { RenderedFragment } from './asset-queries.ts'
import { isPure, solidImports } from './changed-modules.ts'
import { reachedFrom } from './kept-load.ts'
import type { KeptLogic, KeptModule } from './kept-modules.ts'

/** The code versions that the assets have in this context. */
export type CodeOf = (key: AssetKey) => CodeVersion | undefined

/** Modules of which something new is known since they were evaluated or looked at. */
export interface NewModules {
  readonly modules: readonly Pick<KeptModule, 'path' | 'stamp' | 'facts' | 'words'>[]
  /** What was evaluated, by path. */
  readonly evaluated: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** What each module declares that was evaluated. */
  readonly declared: ReadonlyMap<string, readonly AssetDefinition[]>
  /** All other modules. */
  readonly others: ReadonlyMap<string, KeptModule>
}

/** What is to be kept of these modules. @param rendered the queries of what they declare, and of its checks */
export function keptModules({ modules, evaluated, declared, others }: NewModules, rendered: readonly RenderedFragment[], codeOf: CodeOf): KeptModule[] {
  const exported = new Map(modules.map(({ path }) => [path, evaluated[path] ? keysIn(evaluated[path]) : (others.get(path)?.exports ?? {})]))
  const records = new Map(modules.map(module => [module.path, {
    path: module.path, stamp: module.stamp, facts: module.facts, words: module.words, exports: exported.get(module.path)!, declares: evaluated[module.path] ? declared.has(module.path) : (others.get(module.path)?.declares ?? false),
    solid: solidImports(module, path => exported.get(path) ?? others.get(path)?.exports),
  } satisfies KeptModule]))
  const all = new Map<string, KeptModule>([...others, ...records])
  const queries = new Map(rendered.map(query => [`${query.definition.key}\n${query.check ?? ''}`, query]))
  return [...records.values()].map(record => {
    const reached = reachedFrom([record.path], all)
    if (!reached || ![...reached].every(path => isPure(all.get(path)!))) return record
    const assets = (declared.get(record.path) ?? []).map(definition => keptLogic(definition, (key, check) => queries.get(`${key}\n${check ?? ''}`), codeOf))
    return assets.every(asset => asset !== undefined) ? { ...record, assets } : record
  })
}

const keysIn = (exported: Readonly<Record<string, unknown>>): Readonly<Record<string, AssetKey>> => Object.fromEntries(Object.entries(exported).flatMap(([name, value]) => {
  const definition = definitionIn(value)
  return definition ? [[name, definition.key]] : []
}))

function keptLogic(definition: AssetDefinition, queryOf: (key: AssetKey, check?: string) => RenderedFragment | undefined, codeOf: CodeOf): KeptLogic | undefined {
  const query = queryOf(definition.key)
  if (definition.kind !== 'sql' || !query?.inAllDialects || !query.parsed.ok) return undefined
  const fragments = new Map<string, SqlFragment>()
  for (const { name, rule } of definition.checks) {
    if (rule.kind !== 'method') continue
    const fragment = queryOf(definition.key, name)?.fragment
    // Of two checks by one name nobody can tell which query is whose.
    if (!fragment || fragments.has(name)) return undefined
    fragments.set(name, fragment)
  }
  const kept = keepAsset(definition, query.fragment, ({ name }) => fragments.get(name)!)
  const code = codeOf(definition.key)
  return kept && code && { ...kept, code, parsed: query.parsed }
}
