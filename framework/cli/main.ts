import { didYouMean, inWords } from '../vocabulary/near-names.ts'
import type { Invocation } from './command.ts'
import { commandLine } from './command-line.ts'
import { commands } from './commands.ts'
import { UnknownCommand, usageMistake } from './usage-errors.ts'
import { reportError } from './views/error-view.ts'
import { openTerminal } from './terminal/terminal.ts'

/** Does what the words ask for, and leaves the exit code to be found in `process.exitCode`. */
export async function main(words: readonly string[]): Promise<void> {
  const asksForJson = words.includes('--json')
  const terminal = openTerminal(process.stdout, process.stderr, process.env)
  const invocation: Invocation = { terminal, words, endWith: code => { process.exitCode = code } }
  process.once('uncaughtException', error => {
    process.exitCode = reportError(error, terminal, asksForJson)
    process.exit()
  })
  try {
    const mistake = misnamed(words)
    if (mistake) throw mistake
    const program = await commandLine(invocation)
    await program.parseAsync(words.length === 0 ? ['--help'] : [...words], { from: 'user' })
  } catch (error) {
    const mistake = usageMistake(error, words)
    if (mistake !== 'help') process.exitCode = reportError(mistake, terminal, asksForJson)
  }
}

/** Whether the words name no command, or only the first half of one. */
function misnamed(words: readonly string[]): UnknownCommand | undefined {
  const [first = '-', second = ''] = words[0] === 'help' ? words.slice(1) : words
  if (first.startsWith('-')) return undefined
  const names = commands.map(({ path }) => path.join(' '))
  const found = commands.filter(({ path }) => path[0] === first)
  if (found.length === 0) return new UnknownCommand(first, didYouMean(first, names, 'Run "varve --help" to see all commands.'))
  if (words[0] === 'help' || words.includes('--help') || words.includes('-h') || found.some(({ path }) => path.length === 1 || path[1] === second)) return undefined
  const whole = found.map(({ path }) => `"varve ${path.join(' ')}"`)
  return new UnknownCommand(`${first} ${second}`.trim(), `Write ${inWords(whole, 'or')}.`)
}
