import type { Explanation } from '../../planning/explanation.ts'
import type { AssetKey } from '../../vocabulary/asset-key.ts'
import type { StaleCause } from '../../vocabulary/stale-cause.ts'
import { cut } from '../terminal/text-width.ts'
import type { Style } from '../terminal/style.ts'
import { causeDocument, causeInWords, type CauseDocument } from './cause-words.ts'

/** Why an asset is written, as a tree down to the roots. */
export function explanationLines(explanation: Explanation, { width, style }: { readonly width: number; readonly style: Style }): string[] {
  if (explanation.causes.length === 0) return [`${style.bold(explanation.key)} is fresh: nothing that it is made from has changed.`]
  return [style.bold(explanation.key), ...branches(explanation, '', { width, style })]
}

function branches({ causes, because }: Explanation, indent: string, look: { readonly width: number; readonly style: Style }): string[] {
  return causes.flatMap((cause, i) => {
    const isLast = i === causes.length - 1
    const below = upstreamOf(cause) && because.find(({ key }) => key === upstreamOf(cause))
    const words = causeInWords(cause) + (below?.seen ? ' (told above)' : '')
    const line = indent + (isLast ? '└─ ' : '├─ ')
    return [look.style.dim(line) + cut(words, look.width - line.length), ...(below && !below.seen ? branches(below, indent + (isLast ? '   ' : '│  '), look) : [])]
  })
}

const upstreamOf = (cause: StaleCause): AssetKey | undefined => (cause.code === 'upstream' || cause.code === 'data' ? cause.upstream : undefined)

/** The tree as `plan --explain KEY --json` prints it. */
export interface ExplanationDocument {
  readonly key: AssetKey
  readonly causes: readonly CauseDocument[]
  /** The reasons of the upstreams that the plan writes first. One that was told before stands without its own. */
  readonly because: readonly ExplanationDocument[]
}

export const explanationDocument = ({ key, causes, because }: Explanation): ExplanationDocument => ({ key, causes: causes.map(causeDocument), because: because.map(explanationDocument) })
