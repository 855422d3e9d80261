import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { Contract } from '../definition/contract.ts'
import { FORMATS } from '../definition/file-asset.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'
import { didYouMean, inWords } from '../vocabulary/near-names.ts'

export class UnreadableFile extends ExplainedError {
  readonly code = 'landing/unreadable-file'
  readonly hint = 'Have the source send it again; nothing of it was taken in.'
  override readonly place: Place
  constructor(location: string, problem: string) {
    super(`${location} can't be read: ${problem}.`)
    this.place = { file: location }
  }
}

export class EmptyFile extends ExplainedError {
  readonly code = 'landing/empty-file'
  readonly hint = 'An export without rows still has its header. Remove the file if the source has nothing to send.'
  override readonly place: Place
  constructor(location: string) {
    super(`${location} is empty.`)
    this.place = { file: location }
  }
}

/** The asset's own code failed while it told which files there are. */
export class SourceNotListed extends ExplainedError {
  readonly code = 'landing/source-not-listed'
  readonly hint = 'Look at that path, and say where the exports are with --sources DIR, VARVE_SOURCES or `sources.dir` in the configuration.'
  override readonly place: Place | undefined
  constructor({ key, place }: AssetDefinition, override readonly cause: Error) {
    super(`The files of ${key} can't be told: ${cause.message.split('\n')[0]}.`)
    this.place = place
  }
}

export class UnknownFormat extends ExplainedError {
  readonly code = 'landing/unknown-format'
  readonly hint: string
  override readonly place: Place | undefined
  constructor({ key, place }: AssetDefinition, name: string, format: string) {
    super(`${key} calls ${name} a file of the format "${format}".`)
    this.hint = didYouMean(format, FORMATS, `It is one of ${inWords(FORMATS, 'or')}.`)
    this.place = place
  }
}

export class NoSourceFile extends ExplainedError {
  readonly code = 'landing/no-source-file'
  readonly hint: string
  constructor(readonly asset: AssetKey, folder: string) {
    super(`The source of ${asset} has no file.`)
    this.hint = `Expected one in ${folder}; say where the exports are with --sources DIR, VARVE_SOURCES or \`sources.dir\` in the configuration.`
  }
}

export class MissingColumn extends ExplainedError {
  readonly code = 'landing/missing-required-column'
  readonly hint: string
  override readonly place: Place
  constructor(readonly asset: AssetKey, location: string, readonly missing: readonly string[], contract: Contract, present: readonly string[]) {
    super(`${location} lacks the required column${missing.length > 1 ? 's' : ''} ${inWords(missing)} of ${asset}.`)
    // Where the header was lost, what it does not know are the values of a row: they are not told.
    const known = present.filter(column => contract.columns.some(({ name }) => name.toLowerCase() === column.toLowerCase()))
    const names = known.length > 8 ? `${known.slice(0, 8).join(', ')} …` : known.length > 0 ? inWords(known) : 'none that it knows'
    const others = present.length - known.length
    this.hint = `The contract ${contract.name} requires ${missing.length > 1 ? 'them' : 'it'}; the first line of the file names ${names}${others > 0 ? `, and ${others} that it does not know` : ''}.`
    this.place = { file: location, line: 1 }
  }
}

export class UnknownColumn extends ExplainedError {
  readonly code = 'landing/unknown-column'
  readonly hint: string
  override readonly place: Place
  constructor(readonly asset: AssetKey, location: string, readonly unknown: readonly string[], contract: string) {
    super(`${location} has the column${unknown.length > 1 ? 's' : ''} ${inWords(unknown)}, which the contract of ${asset} does not know.`)
    this.hint = `The configuration says on_unknown_column: fail. Add ${unknown.length > 1 ? 'them' : 'it'} to config/schema_definitions/${contract}.json, or say quarantine or drop under \`ingestion:\`.`
    this.place = { file: location, line: 1 }
  }
}

export class MalformedFile extends ExplainedError {
  readonly code = 'landing/malformed-file'
  readonly hint: string
  override readonly place: Place
  constructor(location: string, problem: string, line: number, hint = 'Mend the file, or have the source send it again.') {
    super(`${location}: ${problem}.`)
    this.place = { file: location, line }
    this.hint = hint
  }
}

export class SourceChanged extends ExplainedError {
  readonly code = 'landing/source-changed'
  readonly hint: string
  /** Trying again may help. */
  readonly transient = true
  override readonly place: Place
  constructor(location: string, problem?: string) {
    super(problem === undefined ? `${location} changed while it was read.` : `${location} was there when the run began, and can't be read now: ${problem}.`)
    this.hint = problem === undefined ? 'It is still being written. Run again once it is complete.' : 'Nothing of this batch was taken in. Run again: what is there then is landed.'
    this.place = { file: location }
  }
}

export class LandedFileMissing extends ExplainedError {
  readonly code = 'landing/landed-file-missing'
  readonly hint: string
  constructor(readonly asset: AssetKey, path: string) {
    super(`The landed file ${path} of ${asset} is gone.`)
    this.hint = `Land it again: varve materialize ${asset} --force`
  }
}

export class ManifestMissing extends ExplainedError {
  readonly code = 'storage/manifest-missing'
  readonly hint = 'Land the source again: varve materialize --force with the asset\'s key.'
  constructor(readonly asset: AssetKey, path: string) {
    super(`The manifest of a batch of ${asset} is not there: ${path}.`)
  }
}
