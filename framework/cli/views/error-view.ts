import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ExplainedError, placeInWords, SeveralMistakes, type Place } from '../../vocabulary/errors.ts'
import type { Style } from '../terminal/style.ts'
import { visible, visibleLines, wrapped } from '../terminal/text-width.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { document } from './document.ts'

/** One mistake as the JSON documents have it. */
export interface MistakeDocument {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly place?: Place
}

/** Tells an error on stderr, and as the one document on stdout where JSON was asked for. Answers the exit code that belongs to it. */
export function reportError(error: unknown, { out, err }: Terminal, asJson: boolean): 1 | 2 {
  if (error instanceof ExplainedError) {
    if (asJson) out.write(errorDocument(error))
    else err.lines(errorLines(error, err))
    return 2
  }
  if (asJson) out.write(document({ error: { code: 'varve/bug', message: String(error), hint: REPORT } }))
  err.lines([err.style.red(error instanceof Error ? (error.stack ?? String(error)) : String(error)), '', ...wrapped(REPORT, err.width)])
  return 1
}

/** `code: message`, the place and the hint. The message's own lines stay as they are: a caret may stand below a place. */
export function errorLines(error: ExplainedError, { width, style }: { readonly width: number; readonly style: Style }): string[] {
  return mistakesIn(error).flatMap(mistake => mistakeLines(mistake, width, style))
}

const mistakeLines = ({ code, message, hint, place }: ExplainedError, width: number, style: Style): string[] => [
  ...wrapped(`${style.red(code)}: ${visibleLines(message)}`, width),
  ...(place ? [`  in ${style.link(visible(placeInWords(place)), pathToFileURL(resolve(place.file)).href)}`] : []),
  ...(hint ? wrapped(visibleLines(hint), width, '  ') : []),
]

function errorDocument(error: ExplainedError): string {
  const [first, ...more] = mistakesIn(error).map(mistakeDocument)
  return document({ error: more.length === 0 ? first : { ...first, more } })
}

const mistakesIn = (error: ExplainedError): readonly ExplainedError[] => (error instanceof SeveralMistakes ? error.mistakes.flatMap(mistakesIn) : [error])

const mistakeDocument = ({ code, message, hint, place }: ExplainedError): MistakeDocument => ({ code, message, hint, ...(place && { place }) })

const REPORT = 'This came from inside of Varve or of your own code, where no mistake was foreseen. If it is not yours, please report it with the lines above and what you called.'
