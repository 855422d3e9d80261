import type { AssetKey } from '../../vocabulary/asset-key.ts'
import { inWords } from '../../vocabulary/near-names.ts'
import type { StaleCause } from '../../vocabulary/stale-cause.ts'

/** A cause as a person would say it. The same cause is always said the same: nothing in it depends on when it is asked. */
export function causeInWords(cause: StaleCause): string {
  return cause.slices === undefined ? causeAlone(cause) : `${causeAlone(cause)}: ${cause.slices}`
}

function causeAlone(cause: StaleCause): string {
  switch (cause.code) {
    case 'forced': return cause.rebuild ? 'asked for, to be made anew' : cause.stamped ? `asked for, as stamped from ${shortInstant(cause.stamped.from)} until ${shortInstant(cause.stamped.to)}` : 'asked for'
    case 'missing': return 'never written'
    case 'tampered': return `the table is at version ${cause.head}, but we wrote ${cause.recorded}: ${cause.by ? `changed by ${cause.by}` : 'someone else changed it'}`
    case 'code': return `its code changed (${short(cause.was)} → ${short(cause.now)})${cause.keeps ? '; rows that only the old code makes stay, unless it is made anew with --rebuild' : ''}`
    case 'write': return `how it is written changed from ${cause.was} to ${cause.now}${cause.needs === 'rebuild' ? ', so that the table is made anew' : ''}`
    case 'dependencies': return dependencies(cause.added, cause.removed)
    case 'data': return cause.what === undefined ? `${cause.upstream} has new data${cause.by ? ` (run ${cause.by})` : ''}` : `its source changed: ${cause.what}`
    case 'interval': return 'slices that should be there by now'
    case 'volatile': return cause.because
    case 'upstream': return `${cause.upstream} is written first`
    case 'checks': return 'only its checks changed: they are run, and nothing is written'
  }
}

/** The causes of one step in one line: the first leads, and upstreams that are written first are told together. */
export function causesInWords(causes: readonly StaleCause[]): string {
  const predicted = causes.flatMap(cause => (cause.code === 'upstream' ? [cause.upstream] : []))
  const others = causes.filter(({ code }) => code !== 'upstream').map(causeInWords)
  return [...others, ...(predicted.length > 0 ? [`${inWords(predicted)} ${predicted.length > 1 ? 'are' : 'is'} written first`] : [])].join('; ')
}

/** A cause as the JSON documents have it. */
export interface CauseDocument {
  readonly code: string
  readonly upstream?: AssetKey
  readonly detail: string
}

export const causeDocument = (cause: StaleCause): CauseDocument => ({
  code: cause.code,
  ...('upstream' in cause && { upstream: cause.upstream }),
  detail: causeInWords(cause),
})

const dependencies = (added: readonly AssetKey[], removed: readonly AssetKey[]): string =>
  [added.length > 0 && `now reads ${inWords(added)}`, removed.length > 0 && `no longer reads ${inWords(removed)}`].filter(Boolean).join(', ')

/** A day where it begins there. */
const shortInstant = (instant: string): string => instant.replace(/T00:00:00\.000Z$/, '')

const short = (version: string): string => version.slice(0, 8)
