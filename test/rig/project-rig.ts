import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { openProject, type OpenOptions, type PlanOptions, type Project } from '../../framework/project/project.ts'
import type { RunResult } from '../../framework/execution/run-result.ts'
import type { RunEvent } from '../../framework/vocabulary/run-event.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'

/** A project in a temp folder, with assets written as an author writes them. Each question opens it anew, as each command does. */
export class ProjectRig {
  readonly root = mkdtempSync(join(tmpdir(), 'varve-rig-'))
  readonly lake = join(this.root, 'lake')
  #edits = 0

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.write('package.json', '{ "type": "module" }')
    mkdirSync(join(this.root, 'assets'))
    symlinkSync(resolve('node_modules'), join(this.root, 'node_modules'))
    for (const [path, text] of Object.entries(files)) this.write(path, text)
  }

  /** Writes a file of the project. A clock too coarse to tell two edits apart is helped along. */
  write(path: string, text: string): void {
    const file = join(this.root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    this.#edits += 1
    const edited = new Date(Date.now() + this.#edits * 1000)
    utimesSync(file, edited, edited)
  }

  async with<T>(work: (project: Project) => Promise<T>, options: OpenOptions = {}): Promise<T> {
    const project = await openProject({ root: this.root, lake: this.lake, ...options })
    try {
      return await work(project)
    } finally {
      await project.close()
    }
  }

  async run(selection: readonly string[] = [], more: Partial<PlanOptions & OpenOptions> & { readonly signal?: AbortSignal; readonly listen?: (event: RunEvent) => void } = {}): Promise<RunResult> {
    const { signal = new AbortController().signal, listen = () => {}, force, rebuild, exclude, partitions, between, maxBytes, maxCost, keepGoing, ...options } = more
    return this.with(project => project.materialize({ selection, force, rebuild, exclude, partitions, between, maxBytes, maxCost, keepGoing }, { signal, listen }), options)
  }

  /** How each step of a run ended, by asset: what did not run is not in it. */
  async endings(selection: readonly string[] = [], more: Parameters<ProjectRig['run']>[1] = {}): Promise<Record<string, string>> {
    const { steps } = await this.run(selection, more)
    return Object.fromEntries(steps.map(({ asset, status }) => [asset, status]))
  }

  /** What a plan would write, each with the codes of its causes. */
  async planned(selection: readonly string[] = []): Promise<Record<string, readonly string[]>> {
    const { steps } = await this.with(project => project.plan({ selection }))
    return Object.fromEntries(steps.map(({ asset, causes }) => [asset, causes.map(({ code }) => code)]))
  }

  async rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.with(project => project.query(sql))).rows
  }

  /** The files of a table's folder, commits and data alike. */
  filesOf(key: string): string[] {
    return readdirSync(join(this.lake, key), { recursive: true, encoding: 'utf8' }).sort()
  }

  /** The bytes of a table's data files. */
  sizeOf(key: string): number {
    return this.filesOf(key).filter(file => file.endsWith('.parquet')).reduce((total, file) => total + statSync(join(this.lake, key, file)).size, 0)
  }

  async version(key: string): Promise<number | undefined> {
    const [newest] = await this.with(project => project.history(key as AssetKey, 1))
    return newest?.version
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** An asset's module. */
export const module = (imports: string, body: string): string => `import { ${imports} } from 'varve'\n${body}\n`
