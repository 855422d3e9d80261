import { mkdir } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { ingestionOf, type Contract } from '../definition/contract.ts'
import type { FileFormat, SourceFile } from '../definition/file-asset.ts'
import { filesAt } from '../objects/lake-files.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Observation } from '../vocabulary/lake-state.ts'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import { ExplainedError, throwMistakes } from '../vocabulary/errors.ts'
import { fingerprint, type DataVersion } from '../vocabulary/version.ts'
import type { Provenance } from './candidate.ts'
import type { ColumnSample } from './column-kind.ts'
import { driftOf, type Drift } from './drift.ts'
import { fileColumns } from './file-columns.ts'
import { landingFolder, type LandingLayout } from './landing-layout.ts'
import { MalformedFile, ManifestMissing, MissingColumn, NoSourceFile, SourceChanged, UnknownColumn } from './landing-errors.ts'
import { fileReader, rowsOf } from './landed-rows.ts'
import { sampleColumns } from './sample-columns.ts'
import { PublishConflict } from './storage-errors.ts'
import { copyFile, inspectFile } from './source-inspection.ts'

/** One file of a batch, as it lies in the lake. */
export interface LandedFile {
  /** Relative to the asset's folder. */
  readonly path: string
  readonly name: string
  readonly source: string
  readonly bytes: number
  readonly sha256: string
  readonly format: FileFormat
  readonly gzip: boolean
  readonly columns: readonly string[]
  readonly records?: number | undefined
  /** Of the longest record, in bytes or signs. */
  readonly longest?: number | undefined
  /** Of JSON: the columns whose values are objects, with their keys. */
  readonly nested?: Readonly<Record<string, readonly string[]>> | undefined
  /** The column that takes the text of lines which are no JSON; absent where there are none. */
  readonly linesInto?: string | undefined
}

/** What a batch's manifest says. It is written last: a batch without one is no batch. */
export interface Manifest extends Provenance {
  readonly version: 1
  readonly batch: number
  /** `YYYY-MM-DD`, UTC, by the run's clock. */
  readonly procDate: string
  readonly files: readonly LandedFile[]
}

/** What a file's bytes are, once somebody read them. */
export interface KnownFile {
  readonly sha256: string
  readonly columns: readonly string[]
  readonly records?: number | undefined
  readonly longest?: number | undefined
  /** Of JSON: the columns whose values are objects, with their keys. */
  readonly nested?: Readonly<Record<string, readonly string[]>> | undefined
  /** What the first values of each column are. */
  readonly samples: Readonly<Record<string, ColumnSample>>
  /** The first place that can't be read as a record. */
  readonly malformed?: { readonly line: number; readonly text: string } | undefined
}

/** A source file and what its bytes are, found before anything is written. */
export interface ObservedFile extends KnownFile {
  readonly file: SourceFile
  /** How it differs from the contract; absent where it does not. */
  readonly drift?: Drift | undefined
  readonly linesInto?: string | undefined
}

export interface SourceObservation extends Observation {
  readonly files: readonly ObservedFile[]
  /** Files that are left out, because their bytes are those of another. */
  readonly repeated: readonly { readonly name: string; readonly sameAs: string }[]
  /** Files that are left out, because they can't be taken in and others can. */
  readonly left: readonly { readonly name: string; readonly problem: string }[]
}

export interface Expected {
  /** Whether the source may have no file at all. */
  readonly optional: boolean
  /** The column that takes the text of lines which are no JSON, of a source whose files must not hold each other up. */
  readonly malformed?: string | undefined
  /** Where a person would look for the files. */
  readonly expectedIn: string
  readonly contract: Contract | undefined
}

/** Remembers what a file's bytes are, by where it is and by its cheap identity, so that unchanged files are not read again. */
export interface InspectionMemory {
  get(location: string, identity: string): KnownFile | undefined
  set(location: string, identity: string, known: KnownFile): void
}

/** Raw files in the lake, byte for byte, in numbered batches. */
export class Landing {
  readonly #lake: string
  readonly #memory: InspectionMemory
  readonly #layout: LandingLayout | undefined

  /** Without a layout a batch lies in its asset's folder. */
  constructor(lake: string, memory: InspectionMemory, layout?: LandingLayout) {
    this.#lake = lake
    this.#memory = memory
    this.#layout = layout
  }

  /**
   * Looks at all that a source has now, and refuses what can't be taken in: a truncated archive, an empty file, a header without a
   * required column or, where the configuration says so, with an unknown one. A file whose bytes are those of another is left out.
   */
  async observe(asset: AssetKey, files: readonly SourceFile[], { optional, malformed, expectedIn, contract }: Expected): Promise<SourceObservation> {
    if (files.length === 0 && !optional) throw new NoSourceFile(asset, expectedIn)
    const observed: ObservedFile[] = []
    const repeated: { readonly name: string; readonly sameAs: string }[] = []
    const mistakes: { readonly name: string; readonly mistake: ExplainedError }[] = []
    for (const file of files) {
      try {
        const remembered = this.#memory.get(file.location, file.identity)
        const known = remembered ?? (await this.#inspect(file))
        const same = observed.find(({ sha256 }) => sha256 === known.sha256)
        const lenient = malformed !== undefined && file.format === 'json-lines'
        if (known.malformed && !remembered) this.#memory.set(file.location, file.identity, known)
        if (known.malformed && !lenient) throw new MalformedFile(file.location, known.malformed.text, known.malformed.line)
        if (same) repeated.push({ name: file.name, sameAs: same.file.name })
        else observed.push({ file, ...known, drift: contract && heldTo(contract, asset, file, known, lenient), linesInto: known.malformed && malformed })
        // What is refused may have a row for its header, and is not remembered.
        if (!remembered) this.#memory.set(file.location, file.identity, known)
      } catch (error) {
        if (malformed === undefined || !(error instanceof ExplainedError)) throw error
        mistakes.push({ name: file.name, mistake: error })
      }
    }
    if (observed.length === 0 && mistakes.length > 0) throwMistakes(mistakes.map(({ mistake }) => mistake))
    const what = files.length === 0 ? 'no file' : [...observed.map(({ file: { name, size } }) => `${name}, ${size.toLocaleString('en')} bytes`), ...repeated.map(({ name, sameAs }) => `${name}, the same as ${sameAs}`)].join('; ')
    return { asset, what, files: observed, repeated, left: mistakes.map(({ name, mistake }) => ({ name, problem: mistake.message })), dataVersion: batchVersion(observed.map(({ sha256 }) => sha256)) }
  }

  async #inspect(file: SourceFile): Promise<KnownFile> {
    const { sha256, head, records, keys, nested, longest, malformed } = await inspectFile(file)
    const columns = keys.length > 0 || malformed ? keys : fileColumns(file.location, file.format, head)
    return { sha256, columns, records, longest, nested, malformed, samples: malformed ? {} : sampleColumns(file.location, file.format, head, { columns, nested }) }
  }

  /** Copies the files into a folder that no manifest names yet. */
  async stage(asset: AssetKey, { files }: SourceObservation, contract: Contract | undefined, run: string, now: Date, signal: AbortSignal): Promise<StagedBatch> {
    const procDate = now.toISOString().slice(0, 10)
    const at = this.#layout ? join(this.#lake, landingFolder(this.#layout, { asset, source: contract?.source, table: contract?.table, procDate, run })) : join(this.#folder(asset), `_proc_date=${procDate}/run_id=${run}`)
    const folder = relative(this.#folder(asset), at)
    const landed: LandedFile[] = []
    await mkdir(at, { recursive: true })
    for (const { file, sha256, columns, records, longest, nested, linesInto } of files) {
      if ((await copyFile(file, join(at, basename(file.name)), signal)) !== sha256) throw new SourceChanged(file.location)
      landed.push({ path: `${folder}/${basename(file.name)}`, name: file.name, source: file.location, bytes: file.size, sha256, format: file.format, gzip: file.gzip, columns, records, longest, nested, linesInto })
    }
    crashpoint('files-copied')
    return { folder, procDate, files: landed }
  }

  /** Publishes a staged batch under the number that was the next when it was staged. @throws {PublishConflict} where someone else took that since */
  async publish(asset: AssetKey, batch: number, staged: StagedBatch, provenance: Provenance): Promise<Manifest> {
    const manifest: Manifest = { version: 1, batch, procDate: staged.procDate, ...provenance, files: staged.files }
    const files = filesAt(this.#lake)
    // A manifest names only what is in the lake already.
    for (const { path } of staged.files) files.wrote(join(this.#folder(asset), path))
    await files.settle(this.#lake, name => staged.files.some(({ path }) => basename(path) === name))
    if (await files.putIfAbsent(this.#manifestPath(asset, batch), `${JSON.stringify(manifest, null, 1)}\n`)) return manifest
    await this.discard(asset, staged)
    throw new PublishConflict(asset, batch, 'another batch was landed')
  }

  async discard(asset: AssetKey, { folder }: StagedBatch): Promise<void> {
    await filesAt(this.#lake).removeFolder(join(this.#folder(asset), folder))
  }

  /** The number of the newest batch, -1 where there is none. A known number costs one look-up if it still is the newest. */
  async head(asset: AssetKey, known?: number): Promise<number> {
    const files = filesAt(this.#lake)
    if (known !== undefined && known >= 0 && files.listsCheaply) {
      const since = batchesOf(await files.names(this.#manifests(asset), manifestName(known)))
      if (since.includes(known)) return Math.max(...since)
    } else if (known !== undefined && known >= 0) {
      const [there, next] = await files.sizes([this.#manifestPath(asset, known), this.#manifestPath(asset, known + 1)])
      if (there !== undefined && next === undefined) return known
    }
    return Math.max(-1, ...batchesOf(await files.names(this.#manifests(asset))))
  }

  /** Whether every file of a batch still has its size. */
  async intact(asset: AssetKey, batch: number): Promise<boolean> {
    const { files } = await this.manifest(asset, batch)
    const sizes = await filesAt(this.#lake).sizes(files.map(({ path }) => join(this.#folder(asset), path)))
    return files.every(({ bytes }, i) => sizes[i] === bytes)
  }

  async manifest(asset: AssetKey, batch: number): Promise<Manifest> {
    const path = this.#manifestPath(asset, batch)
    const text = await filesAt(this.#lake).read(path)
    if (text === undefined) throw new ManifestMissing(asset, path)
    return JSON.parse(text) as Manifest
  }

  /** The rows of a batch, every value as text, with where each came from: `_proc_date`, `_source_file`, `_source_row`. Columns of the contract are named as it names them. */
  relation(asset: AssetKey, { files, procDate }: Pick<Manifest, 'files' | 'procDate'>, contractColumns: readonly string[]): string {
    const metadata = (name: string, row: string) => `date ${quoteLiteral(procDate)} as _proc_date, ${quoteLiteral(name)} as _source_file, ${row} as _source_row`
    if (files.length === 0) return `select ${[...contractColumns.map(name => `null::varchar as ${quoteIdentifier(name)}`), metadata('', 'null::bigint')].join(', ')} where false`
    const relations = files.map(file => `select ${rowsOf(file, contractColumns)}, ${metadata(file.name, 'row_number() over ()')} from ${fileReader(join(this.#folder(asset), file.path), file)}`)
    return relations.join(' union all by name ')
  }

  /** Makes sure that a batch's files can be read on this machine. */
  async bring(asset: AssetKey, { files }: Pick<Manifest, 'files'>): Promise<void> {
    await filesAt(this.#lake).bring(files.map(({ path }) => join(this.#folder(asset), path)))
  }

  #folder(asset: AssetKey): string {
    return join(this.#lake, asset)
  }

  #manifests(asset: AssetKey): string {
    return join(this.#folder(asset), '_manifests')
  }

  #manifestPath(asset: AssetKey, batch: number): string {
    return join(this.#manifests(asset), manifestName(batch))
  }
}

const manifestName = (batch: number): string => `${String(batch).padStart(20, '0')}.json`
const batchesOf = (names: readonly string[]): number[] => names.filter(name => /^\d{20}\.json$/.test(name)).map(name => Number(name.slice(0, 20)))

export interface StagedBatch {
  readonly folder: string
  readonly procDate: string
  readonly files: readonly LandedFile[]
}

/** Names the bytes of a batch, whatever its files are called and in whatever order they came. */
export const batchVersion = (hashes: readonly string[]): DataVersion => `sha256:${fingerprint(...[...hashes].sort()).slice(0, 40)}` as DataVersion

/** @throws {MissingColumn} {@link UnknownColumn} where the contract, or how it is applied, allows neither */
function heldTo(contract: Contract, asset: AssetKey, file: SourceFile, known: KnownFile, lenient: boolean): Drift | undefined {
  if (file.format === 'parquet') return undefined
  const drift = driftOf(known, contract)
  const { mode, on_unknown_column } = ingestionOf(contract)
  if (!drift || mode === 'schema_on_read' || (lenient && drift.added.length === 0)) return drift
  const missing = contract.columns.filter(({ name, required }) => required && drift.missing.includes(name)).map(({ name }) => name)
  if (missing.length > 0 && !lenient) throw new MissingColumn(asset, file.location, missing, contract, known.columns)
  if (drift.added.length > 0 && on_unknown_column === 'fail') throw new UnknownColumn(asset, file.location, drift.added, contract.name)
  return drift
}
