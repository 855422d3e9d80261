import { join, resolve } from 'node:path'
import { Container, type ContainerInstance } from 'typedi'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { Contract } from '../definition/contract.ts'
import { MaskingPolicy } from '../definition/masking-policy.ts'
import { WarehouseSettings } from '../definition/warehouse-settings.ts'
import { SourceSettings } from '../definition/source-settings.ts'
import { Secrets } from '../definition/secrets.ts'
import { Watermarks } from '../definition/watermarks.ts'
import { AssetGraph } from '../graph/asset-graph.ts'
import type { ParsedQuery, ParserSession } from '../graph/parsed-query.ts'
import { rejectedByThemselves, undeclaredReads, type RenderedQuery } from '../graph/query-reads.ts'
import { checkVersionOf } from '../planning/check-version.ts'
import { codeVersionOf } from '../planning/code-version.ts'
import { stateFileOf } from '../state/state-file.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { throwMistakes } from '../vocabulary/errors.ts'
import type { CodeVersion } from '../vocabulary/version.ts'
import { ownWords, renderKept, renderQueries, type RenderedFragment } from './asset-queries.ts'
import { automationRules, type AutomationRules } from './automation-rules.ts'
import { Cache } from './cache.ts'
import { dialectOf, engineMistakes, engineNameOf } from './engine-config.ts'
import { ConfiguredSecrets } from './configured-secrets.ts'
import { findRoot } from './find-root.ts'
import { configuredLake, lakeFolder, lakeLocation } from './lake.ts'
import { keptContext } from './kept-context.ts'
import { loadAssets, type Cutting, type LoadedAssets } from './load-assets.ts'
import { maintenanceMistakes } from './maintenance-config.ts'
import { unknownTableNames } from './tables-config.ts'
import { loadConfig } from './load-config.ts'
import { loadContracts } from './load-contracts.ts'
import type { ProjectConfig } from './project-config.ts'
import { withNullPolicies } from './null-policies.ts'
import { withReadChecks } from './read-checks.ts'
import { loadMasking, type Masking } from './masking-file.ts'
import type { MigrationNote } from './quality-file.ts'
import { registeredSource } from './registered-source-module.ts'
import { withRegistry } from './registry.ts'
import { scriptOf, withScripts } from './scripts.ts'
import { secretOf } from './secrets.ts'
import { loadQuality, withQuality, type Quality } from './quality-rules.ts'

/** What a project is before anything of its lake is looked at: its files, read and found consistent. */
export interface ProjectFrame {
  readonly root: string
  readonly profile: string
  readonly config: ProjectConfig
  /** As it is printed: a folder, or `s3://bucket/prefix`. */
  readonly lake: string
  /** Where its files are worked on: the lake itself, or the mirror of one that is elsewhere. */
  readonly lakeFolder: string
  /** Looked up anew each time: which file it is, is settled by the first write. */
  readonly stateFile: string
  readonly cacheFolder: string
  /** Where the sources' exports are, or would be generated. */
  readonly sources: { readonly dir: string; readonly generated: boolean }
  readonly graph: AssetGraph
  readonly contracts: ReadonlyMap<string, Contract>
  readonly services: ContainerInstance
  readonly codeVersions: ReadonlyMap<AssetKey, CodeVersion>
  /** Of the assets that promise anything, what their checks are known by. */
  readonly checkVersions: ReadonlyMap<AssetKey, string>
  /** The queries of the SQL assets, as text. */
  readonly queries: readonly RenderedQuery[]
  readonly automation: AutomationRules
  /** Where tables lie that do not lie at their keys, relative to the lake. */
  readonly locations: ReadonlyMap<AssetKey, string>
  /** What config/lineage.yaml says and is not obeyed. */
  readonly registryNotes: readonly MigrationNote[]
  /** What config/dq.yaml says of the tables. */
  readonly quality: Quality
  /** What config/pii_masking.yaml says of personal data. */
  readonly masking?: Masking | undefined
  /** What the generator's module exports. */
  readonly generatorModule?: Readonly<Record<string, unknown>> | undefined
}

export interface FrameOptions {
  readonly profile?: string | undefined
  readonly lake?: string | undefined
  readonly sources?: string | undefined
  readonly root?: string | undefined
  /** Which projects are bundled in segments, and what is found out of their modules kept. */
  readonly cutting?: Cutting | undefined
}

/** Reads configuration, assets and contracts, and checks all that can be checked without the lake. */
export async function loadFrame(options: FrameOptions, parser: () => Promise<ParserSession>): Promise<ProjectFrame> {
  const settings = await settingsOf(options)
  const context = keptContext(settings)
  const named = { others: modulesOf(settings.config), cutting: options.cutting }
  const { root, cacheFolder } = settings
  const loaded = await loadAssets(root, cacheFolder, { ...named, context })
  if (loaded.kept.size === 0) return framed(settings, loaded, parser)
  try {
    const frame = await framed(settings, loaded, parser)
    if (!loaded.touched()) return frame
  } catch {
    // Loaded as a whole the project tells better what is wrong.
  }
  return framed(settings, await loadAssets(root, cacheFolder, { ...named, context, whole: true }), parser)
}

type Settings = Pick<ProjectFrame, 'root' | 'cacheFolder' | 'profile' | 'config' | 'lake' | 'lakeFolder' | 'sources'>

async function settingsOf(options: FrameOptions): Promise<Settings> {
  const root = findRoot(options.root ?? process.cwd())
  const cacheFolder = join(root, '.varve', 'cache')
  const profile = options.profile ?? process.env['VARVE_PROFILE'] ?? 'local'
  const config = await loadConfig(root, profile, cacheFolder)
  const given = options.lake ?? process.env['VARVE_LAKE']
  const lake = given ? lakeLocation(given, process.cwd()) : configuredLake(config.lake, root)
  const folder = lakeFolder(lake, { root, cache: config.cache })
  const dir = fromHere(options.sources ?? process.env['VARVE_SOURCES']) ?? (config.sources.dir === undefined ? undefined : resolve(root, config.sources.dir))
  return { root, cacheFolder, profile, config, lake, lakeFolder: folder, sources: { dir: dir ?? join(root, '.varve', 'sources'), generated: dir === undefined } }
}

const modulesOf = ({ sources: { generator, reader } }: ProjectConfig): string[] => [generator, reader].filter(path => path !== undefined)

async function framed(settings: Settings, loaded: LoadedAssets, parser: () => Promise<ParserSession>): Promise<ProjectFrame> {
  const { root, cacheFolder, config, lakeFolder: folder, sources } = settings
  const { definitions: classes, moduleDigest, others, kept } = loaded
  const { reader } = config.sources
  const { definitions: declared, locations, notes } = await withRegistry(classes, { root, cacheFolder, lake: folder, layers: config.layers, reader: reader === undefined ? undefined : registeredSource(reader, others.get(reader)) })
  const quality = await loadQuality(root, cacheFolder, declared)
  const contracts = await loadContracts(root, cacheFolder, declared, config.ingestion)
  const definitions = withScripts(withNullPolicies(withReadChecks(withQuality(declared, quality), contracts), contracts), root)
  const graph = new AssetGraph(definitions, config.layers)
  throwMistakes([...engineMistakes(graph, config), ...unknownTableNames(graph, config.tables, config.layers), ...maintenanceMistakes(graph, config.maintenance), ...rejectedByThemselves(definitions)])
  const automation = automationRules(graph, config)
  const services = Container.of(`varve ${crypto.randomUUID()}`)
  services.set(SourceSettings, new SourceSettings(sources.dir))
  services.set(Watermarks, new Watermarks(join(folder, '_state')))
  services.set(WarehouseSettings, new WarehouseSettings(join(folder, '_warehouses'), Object.fromEntries(Object.entries(config.warehouses).map(([name, { path, schema }]) => [name, { path: path === undefined ? undefined : resolve(root, path), schema }]))))
  const masking = await loadMasking(root, cacheFolder, config.secrets, graph.keys)
  services.set(MaskingPolicy, masking?.policy ?? new MaskingPolicy([], secretOf('pii_salt', config.secrets, root, process.env)))
  const secrets = new ConfiguredSecrets(config.secrets, root, config.aws)
  services.set(Secrets, new Secrets(name => secrets.get(name)))
  const { codeVersions, rendered } = await versions(graph, definitions, { services, contracts, variables: config.variables, engines: config.engines, moduleDigest, kept, cacheFolder, parser })
  if (!loaded.touched()) loaded.keep(rendered, key => codeVersions.get(key))
  const own = rendered.filter(({ check }) => check === undefined)
  let queries: readonly RenderedQuery[] | undefined
  const checkVersions = new Map(definitions.flatMap(definition => {
    const version = checkVersionOf(definition, services)
    return version === undefined ? [] : [[definition.key, version] as const]
  }))
  return {
    ...settings, graph, contracts, services, codeVersions, checkVersions, automation, quality, masking, locations, registryNotes: notes,
    get stateFile() {
      return stateFileOf(folder)
    },
    get queries() {
      return (queries ??= [...own, ...renderKept(new Map([...kept].map(([key, { parsed }]) => [graph.get(key), parsed])), services, contracts, config.variables)])
    },
    generatorModule: config.sources.generator === undefined ? undefined : others.get(config.sources.generator),
  }
}

interface VersionsInput {
  readonly services: ContainerInstance
  readonly contracts: ReadonlyMap<string, Contract>
  readonly variables: ProjectConfig['variables']
  readonly engines: ProjectConfig['engines']
  readonly moduleDigest: LoadedAssets['moduleDigest']
  readonly kept: LoadedAssets['kept']
  readonly cacheFolder: string
  readonly parser: () => Promise<ParserSession>
}

async function versions(graph: AssetGraph, definitions: readonly AssetDefinition[], { services, contracts, variables, engines, moduleDigest, kept, cacheFolder, parser }: VersionsInput): Promise<{ readonly codeVersions: ProjectFrame['codeVersions']; readonly rendered: readonly RenderedFragment[] }> {
  const cache = new Cache<ParsedQuery>(join(cacheFolder, 'queries.json'))
  const rendered = await renderQueries(definitions.filter(({ key }) => !kept.has(key)), kept.size === 0, services, contracts, variables, cache, parser)
  throwMistakes(undeclaredReads(rendered, key => graph.upstreamKeysOf(key), graph.keys))
  cache.save()
  const canonical = new Map(rendered.flatMap(({ definition: { key }, check, parsed }) => (check === undefined && parsed.ok ? [[key, parsed.canonical] as const] : [])))
  const codeVersions = new Map(definitions.map(definition => [definition.key, kept.get(definition.key)?.code ?? codeVersionOf(definition, { query: canonical.get(definition.key), modules: definition.kind === 'sql' ? undefined : moduleDigest(definition.key), own: scriptOf(definition, services) ?? ownWords(definition, dialectOf(engineNameOf(graph, engines, definition.key)), services, contracts, variables) })]))
  return { codeVersions, rendered }
}

/** A path that a person gave counts from where the person stands. */
const fromHere = (path: string | undefined): string | undefined => (path ? resolve(path) : undefined)
