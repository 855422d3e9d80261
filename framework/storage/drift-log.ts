import { basename, join } from 'node:path'
import { ingestionOf, type Contract } from '../definition/contract.ts'
import { filesAt } from '../objects/lake-files.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { fingerprint } from '../vocabulary/version.ts'
import type { Drift } from './drift.ts'

/** A file that came unlike its contract, once for each such file. */
export interface DriftRecord extends Drift {
  readonly version: 1
  readonly source: string
  readonly table: string
  readonly asset: AssetKey
  readonly contract: { readonly name: string; readonly version: string }
  readonly mode: string
  readonly on_unknown_column: string
  readonly file: string
  readonly sha256: string
  readonly rows: number | null
  readonly run_id: string
  /** ISO 8601, UTC. */
  readonly detected_at: string
  /** How values of the columns concerned look, by column: letters as `x` and `X`, digits as `9`, so that no personal data is in it. */
  readonly sample: Readonly<Record<string, readonly string[]>>
}

export interface DriftedFile {
  readonly name: string
  readonly sha256: string
  readonly rows?: number | undefined
  readonly drift: Drift
  readonly shapes: Readonly<Record<string, readonly string[]>>
}

/** Drift records as JSON files, `<folder>/<date>/<source>_<table>-<digest>.json`: one for each file and version of the contract, whenever it comes. */
export class DriftLog {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** @returns whether it was new */
  async record(asset: AssetKey, contract: Contract, file: DriftedFile, run: string, at: Date): Promise<boolean> {
    const name = `${contract.source}_${contract.table}-${fingerprint(asset, file.sha256, contract.name, contract.version, JSON.stringify(file.drift)).slice(0, 16)}.json`
    const files = filesAt(this.#folder)
    if ((await files.below(this.#folder, () => false).catch(noneThere)).some(({ path }) => basename(path) === name)) return false
    const { mode, on_unknown_column } = ingestionOf(contract)
    const { added, missing, type_changed, renamed, case_only } = file.drift
    const concerned = [...added, ...type_changed.map(({ column }) => column)]
    const record: DriftRecord = {
      version: 1, source: contract.source, table: contract.table, asset, contract: { name: contract.name, version: contract.version },
      run_id: run, detected_at: at.toISOString(), file: file.name, sha256: file.sha256, rows: file.rows ?? null, mode, on_unknown_column,
      added, missing, type_changed, renamed, case_only,
      sample: Object.fromEntries(concerned.flatMap(column => (file.shapes[column]?.length ? [[column, file.shapes[column]]] : []))),
    }
    return files.putIfAbsent(join(this.#folder, at.toISOString().slice(0, 10), name), `${JSON.stringify(record, null, 2)}\n`)
  }
}

function noneThere(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw error
}
