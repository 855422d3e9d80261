import { accessSync, constants, existsSync, readdirSync, statfsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isRemote } from '../objects/object-place.ts'
import { stateFileOf, lakeName } from '../state/state-file.ts'
import { StateDatabase } from '../state/state-database.ts'
import { ExplainedError, placeInWords, SeveralMistakes } from '../vocabulary/errors.ts'
import { ConfiguredSecrets } from './configured-secrets.ts'
import { bad, good, skipped, warning, type Finding } from './finding.ts'
import { findRoot } from './find-root.ts'
import { configuredLake, lakeFolder, lakeLocation } from './lake.ts'
import { loadConfig, UnknownProfile } from './load-config.ts'
import { MASKING_FILE } from './masking-file.ts'
import { DEFAULTS, type ProjectConfig } from './project-config.ts'
import { ensureWritableLake } from './writable-lake.ts'

export interface Diagnosis {
  readonly profile: string
  readonly lake: string | undefined
  readonly findings: readonly Finding[]
}

export interface DoctorOptions {
  readonly root?: string | undefined
  readonly profile?: string | undefined
  readonly lake?: string | undefined
  readonly sources?: string | undefined
}

const NODE = [20, 19] as const
const GB = 1024 ** 3

/** Looks at all that a profile needs of this machine and of AWS, before anything runs. Writes nothing but a probe, which it takes away. @throws {UnknownProfile} */
export async function diagnose(options: DoctorOptions): Promise<Diagnosis> {
  const root = findRoot(options.root ?? process.cwd())
  const profile = options.profile ?? process.env['VARVE_PROFILE'] ?? 'local'
  const findings: Finding[] = [nodeVersion(), await embeddedEngine()]
  let config: ProjectConfig
  try {
    config = await loadConfig(root, profile, join(root, '.varve', 'cache'))
  } catch (error) {
    if (error instanceof UnknownProfile) throw error
    findings.push(...mistakesAs('configuration', error), ...['lake', 'state', 'sources'].map(check => skipped(check, 'The configuration says where it is.')))
    return { profile, lake: undefined, findings }
  }
  findings.push(good('configuration', profile === 'local' && !existsSync(join(root, 'config', 'local.yaml')) ? 'There is no config/local.yaml, so all is as it is by default.' : `config/${profile}.yaml is well-formed.`))
  const lake = await lakeFindings(config, options, root, findings)
  findings.push(sources(config, options, root), ...(await secrets(new ConfiguredSecrets(config.secrets, root, config.aws), name => config.secrets[name] !== DEFAULTS.secrets[name] || existsSync(join(root, MASKING_FILE)))))
  const { engines } = await import('./doctor-engines.ts')
  findings.push(...(await engines(config)))
  return { profile, lake, findings }
}

async function lakeFindings(config: ProjectConfig, options: DoctorOptions, root: string, findings: Finding[]): Promise<string | undefined> {
  let lake: string
  try {
    const given = options.lake ?? process.env['VARVE_LAKE']
    lake = given ? lakeLocation(given, process.cwd()) : configuredLake(config.lake, root)
  } catch (error) {
    findings.push(...mistakesAs('lake', error), skipped('state', 'It lies where the lake does.'))
    return undefined
  }
  const folder = lakeFolder(lake, { root, cache: config.cache })
  findings.push(room(folder))
  if (isRemote(lake)) {
    const { lakeOnS3 } = await import('./doctor-s3.ts')
    findings.push(...(await lakeOnS3(lake, config.aws)))
  } else findings.push(localLake(lake))
  findings.push(state(folder))
  return lake
}

/** @throws what is no mistake of a person */
function mistakesAs(check: string, error: unknown): Finding[] {
  if (!(error instanceof ExplainedError)) throw error
  const mistakes = error instanceof SeveralMistakes ? error.mistakes : [error]
  return mistakes.map(({ message, hint, place }) => bad(check, place ? `${message} (${placeInWords(place)})` : message, hint))
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isNew = major > NODE[0] || (major === NODE[0] && minor >= NODE[1])
  return isNew ? good('node', `Node ${process.versions.node}.`) : bad('node', `Node ${process.versions.node} is too old.`, `Install Node ${NODE.join('.')} or newer.`)
}

async function embeddedEngine(): Promise<Finding> {
  try {
    const { Database } = await import('../duckdb/database.ts')
    const database = await Database.open()
    try {
      const [row] = await database.use(connection => connection.json<{ version: string }>('select version() as version'))
      return good('duckdb', `DuckDB ${row!.version}.`)
    } finally {
      database.close()
    }
  } catch (error) {
    return bad('duckdb', `DuckDB can't be loaded: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}.`, 'Install the packages anew: npm ci. They bring a binary for this platform.')
  }
}

/** Of the disk that the lake is on, or its mirror. */
function room(folder: string): Finding {
  let there = folder
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there)
  const { bavail, bsize } = statfsSync(there)
  const free = bavail * bsize
  const told = `${(free / GB).toFixed(1)} GB are free where ${there} is.`
  return free < GB ? warning('disk', told, 'Make room: runs write each table anew before they take the old files away.') : good('disk', told)
}

function localLake(lake: string): Finding {
  let there = lake
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there)
  try {
    if (existsSync(lake)) ensureWritableLake(lake)
    else accessSync(there, constants.W_OK | constants.X_OK)
    return good('lake', existsSync(lake) ? `${lake} can be written.` : `${lake} is not there yet, and can be made.`)
  } catch (error) {
    return bad('lake', error instanceof ExplainedError ? error.message : `${lake} is not there, and can't be made: ${there} may not be written.`, error instanceof ExplainedError ? error.hint : 'Choose another folder with --lake DIR, VARVE_LAKE or `lake` in the configuration, or change its permissions.')
  }
}

function state(folder: string): Finding {
  const path = stateFileOf(folder)
  if (!existsSync(path)) return good('state', `${path} is not there yet: the first run makes it, or fills it from the lake's commits.`)
  const database = new StateDatabase(path, { lake: lakeName(folder) })
  try {
    database.transaction(() => database.rows('select name from lake'))
    return good('state', `${path} can be read and written.`)
  } catch (error) {
    return bad('state', error instanceof Error ? error.message : String(error), error instanceof ExplainedError ? error.hint : 'Restore it from the lake: varve state rebuild.')
  } finally {
    database.close()
  }
}

function sources({ sources: { dir, generator } }: ProjectConfig, options: DoctorOptions, root: string): Finding {
  const given = options.sources ?? process.env['VARVE_SOURCES']
  const folder = given ? resolve(given) : dir === undefined ? undefined : resolve(root, dir)
  if (folder === undefined) return generator === undefined ? good('sources', 'No folder of exports is configured.') : good('sources', `No folder of exports is configured: ${generator} invents some.`)
  if (!existsSync(folder)) return bad('sources', `The folder of the sources' exports is not there: ${folder}.`, 'Put the exports there, or name another folder with --sources, VARVE_SOURCES or sources.dir.')
  try {
    const files = readdirSync(folder).length
    return files === 0 ? warning('sources', `${folder} is empty.`, 'Put the exports there.') : good('sources', `${folder} has ${files} ${files === 1 ? 'file' : 'files'}.`)
  } catch (error) {
    return bad('sources', `${folder} can't be read: ${(error as Error).message}.`, 'Change its permissions.')
  }
}

/** One that is configured by default is needed only where personal data is masked. */
async function secrets(configured: ConfiguredSecrets, needed: (name: string) => boolean): Promise<Finding[]> {
  return Promise.all(configured.names.filter(needed).map(async name => {
    try {
      await configured.get(name)
      return good(`secret ${name}`, 'It is there.')
    } catch (error) {
      return bad(`secret ${name}`, error instanceof Error ? error.message : String(error), error instanceof ExplainedError ? error.hint : 'Check where the configuration says that it is.')
    }
  }))
}
