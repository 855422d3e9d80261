import { CommanderError } from 'commander'
import { ExplainedError } from '../vocabulary/errors.ts'

export class UnknownCommand extends ExplainedError {
  readonly code = 'cli/unknown-command'
  constructor(name: string, readonly hint: string) {
    super(`There is no command "${name}".`)
  }
}

/** An option or argument that cannot be what was meant. */
export class WrongArgument extends ExplainedError {
  readonly code = 'cli/wrong-argument'
  constructor(message: string, readonly hint: string) {
    super(message)
  }
}

/** What the reader of the command line found wrong: an unknown option, a missing argument. */
export class WrongUsage extends ExplainedError {
  readonly code: string
  constructor(code: string, message: string, readonly hint: string) {
    super(message)
    this.code = code
  }
}

/** The error itself, unless it is one of the command line's reader: those become ours, and help that was asked for is none. */
export function usageMistake(error: unknown, words: readonly string[]): unknown {
  if (!(error instanceof CommanderError)) return error
  if (error.exitCode === 0 || error.code === 'commander.help') return 'help'
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const command = ['varve', ...words.filter(word => /^[a-z]+$/.test(word)).slice(0, 1), '--help'].join(' ')
  const code = error.code.replace('commander.', '').replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
  return new WrongUsage(`cli/${code}`, `${message[0]?.toUpperCase()}${message.slice(1)}.`.replace('..', '.'), suggestion?.replaceAll(/^\(|\)$/g, '') ?? `Run "${command}" to see what it takes.`)
}
