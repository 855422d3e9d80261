import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ExplainedError, Resource, SourceSettings, type FileFormat, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { firstSign } from './first-sign.ts'

/** The folder in which the source systems leave their exports. */
@Service()
export class ExportFolder {
  @Resource(() => SourceSettings) readonly settings!: SourceSettings

  /**
   * The files of one table, in the order of their names: `<stem>.csv`, `.json`, `.jsonl` or `.ndjson`, each also with `.gz`, and an
   * export that comes in parts as `<stem>.<part>.csv`. None is an empty list: whether the table may be absent is not for the folder to say.
   */
  async files(stem: string): Promise<SourceFile[]> {
    const names = (await this.#names()).filter(name => partOf(stem, name)).sort()
    return Promise.all(names.map(name => this.#file(name)))
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.settings.dir)
    } catch (error) {
      throw new UnreadableExportFolder(this.settings.dir, (error as NodeJS.ErrnoException).code ?? String(error))
    }
  }

  async #file(name: string): Promise<SourceFile> {
    const location = join(this.settings.dir, name)
    const gzip = name.endsWith('.gz')
    const found = await stat(location, { bigint: true }).catch((error: NodeJS.ErrnoException) => { throw new UnreadableExport(location, error.code === 'ENOENT' ? 'it is gone' : (error.code ?? error.message)) })
    // What is neither, a pipe for one, might never end.
    if (!found.isFile()) throw new NoExport(location, found.isDirectory() ? 'a folder' : 'no file')
    const { size, mtimeNs } = found
    return {
      name, location, gzip,
      format: await formatOf(location, gzip),
      size: Number(size),
      identity: `${size}-${mtimeNs}`,
      open: () => createReadStream(location),
    }
  }
}

const ENDING = /\.(csv|json|jsonl|ndjson)(\.gz)?$/

/** Whether the file is the table's, or a part of it. `fx_rates_historical.csv` is no part of `fx_rates`. */
const partOf = (stem: string, name: string): boolean => ENDING.test(name) && name.startsWith(`${stem}.`)

async function formatOf(location: string, gzip: boolean): Promise<FileFormat> {
  switch (ENDING.exec(location)?.[1]) {
    case 'csv': return 'csv'
    case 'json': return (await firstSign(location, gzip).catch((error: Error) => { throw new UnreadableExport(location, error.message) })) === '[' ? 'json-array' : 'json-lines'
    default: return 'json-lines'
  }
}

export class UnreadableExportFolder extends ExplainedError {
  readonly code = 'sources/unreadable-folder'
  readonly hint = 'Name the folder with --sources DIR, VARVE_SOURCES or sources.dir in the profile\'s config. `varve demo generate --dir DIR` fills one.'
  constructor(readonly dir: string, why: string) {
    super(`The folder of the sources, ${dir}, cannot be read (${why}).`)
  }
}

export class UnreadableExport extends ExplainedError {
  readonly code = 'sources/unreadable-file'
  readonly hint = 'Export the file again, or take it out of the folder.'
  override readonly place: { readonly file: string }
  constructor(readonly location: string, why: string) {
    super(`The export ${location} cannot be read (${why}).`)
    this.place = { file: location }
  }
}

export class NoExport extends ExplainedError {
  readonly code = 'sources/not-a-file'
  readonly hint = 'Put the export itself there: one file, or parts of it as <table>.<part>.csv beside each other. Nothing was taken in.'
  override readonly place: { readonly file: string }
  constructor(location: string, what: string) {
    super(`The export ${location} is ${what}.`)
    this.place = { file: location }
  }
}
