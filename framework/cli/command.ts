import type { Command } from 'commander'
import type { Terminal } from './terminal/terminal.ts'

/** What a command is handed besides its own words. */
export interface Invocation {
  readonly terminal: Terminal
  /** The words after `varve`, as they were typed. */
  readonly words: readonly string[]
  /** What the process will end with, unless it fails. */
  endWith(code: ExitCode): void
}

/** 0: all well. 1: something failed. 2: the request was wrong. 130: interrupted, as shells count it. */
export type ExitCode = 0 | 1 | 2 | 130 | 143

/** What a command's module exports: it says which arguments and options there are, and what is done with them. */
export interface CommandModule {
  configure(command: Command, invocation: Invocation): void
}
