import { styleText } from 'node:util'

type Paint = (text: string) => string

/** How text may look where it is shown. In a pipe every one of these leaves the text as it is. */
export interface Style {
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
  readonly cyan: Paint
  /** The text, leading to an address where the terminal can. */
  readonly link: (text: string, address: string) => string
  readonly symbols: Symbols
}

export interface Symbols {
  readonly good: string
  readonly bad: string
  readonly warning: string
  readonly same: string
  readonly skipped: string
  readonly waiting: string
  readonly again: string
  readonly spinner: readonly string[]
  readonly bar: readonly [done: string, open: string]
}

const UNICODE: Symbols = { good: '✓', bad: '✗', warning: '!', same: '=', skipped: '↷', waiting: '·', again: '↻', spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'], bar: ['━', '─'] }
const ASCII: Symbols = { good: '+', bad: 'x', warning: '!', same: '=', skipped: '-', waiting: '.', again: '~', spinner: ['|', '/', '-', '\\'], bar: ['#', '.'] }

/** No colours, no links. */
export const plain: Style = { bold: asIs, dim: asIs, red: asIs, green: asIs, yellow: asIs, cyan: asIs, link: text => text, symbols: UNICODE }

/** What the stream can show: `NO_COLOR` and `FORCE_COLOR` are the person's word, the rest is the terminal's. */
export function styleFor(isTerminal: boolean, environment: NodeJS.ProcessEnv): Style {
  const symbols = environment['TERM'] === 'linux' || environment['TERM'] === 'dumb' ? ASCII : UNICODE
  if (!wantsColour(isTerminal, environment)) return { ...plain, symbols }
  const link = isTerminal && environment['TERM'] !== 'linux' ? linked : plain.link
  return { bold: paint('bold'), dim: paint('dim'), red: paint('red'), green: paint('green'), yellow: paint('yellow'), cyan: paint('cyan'), link, symbols }
}

function wantsColour(isTerminal: boolean, environment: NodeJS.ProcessEnv): boolean {
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  if (environment['NO_COLOR']) return false
  return isTerminal && environment['TERM'] !== 'dumb'
}

const paint = (colour: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'): Paint => text => (text === '' ? '' : styleText(colour, text, { validateStream: false }))

/** OSC 8, as terminals agreed on it. */
const linked = (text: string, address: string): string => `\u001B]8;;${address}\u001B\\${text}\u001B]8;;\u001B\\`

function asIs(text: string): string {
  return text
}
