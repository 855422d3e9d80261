import { Option, type Command } from 'commander'
import type { OpenOptions, Project } from '../project/project.ts'
import type { Invocation } from './command.ts'
import { WrongArgument } from './usage-errors.ts'

/** The options that every command on a project has. */
export interface ProjectOptions {
  readonly profile?: string
  readonly lake?: string
  readonly sources?: string
  readonly now?: Date
  readonly jobs?: number
  readonly json?: true
  readonly quiet?: true
}

const GROUP = 'Options of every command:'

export const withProjectOptions = (command: Command): Command =>
  [
    new Option('--profile <name>', 'the file in config/ to go by (or VARVE_PROFILE; default: local)').argParser(filled('--profile')),
    new Option('--lake <dir>', 'the folder of the lake (or VARVE_LAKE)').argParser(filled('--lake')),
    new Option('--sources <dir>', 'the folder of the sources\' exports (or VARVE_SOURCES)').argParser(filled('--sources')),
    new Option('--now <instant>', 'stop the clock there, as in 2026-03-01T06:00:00Z').argParser(instant),
    new Option('--jobs <n>', 'how many steps run at once').argParser(positive('--jobs')),
    new Option('--json', 'print one JSON document on stdout, and all else on stderr'),
    new Option('--quiet', 'print nothing but results and failures'),
  ].reduce((command, option) => command.addOption(option.helpGroup(GROUP)), command)

/** Opens the project, does the work, and closes it whatever comes. */
export async function withProject(options: ProjectOptions, { terminal }: Invocation, work: (project: Project) => Promise<void>, say?: (message: string) => void): Promise<void> {
  const { profile, lake, sources, now, jobs, quiet } = options
  const open: OpenOptions = { profile, lake, sources, now, jobs, say: say ?? (message => quiet ?? terminal.err.lines([message])) }
  const { openProject } = await import('../project/project.ts')
  const project = await openProject(open)
  try {
    await work(project)
  } finally {
    await project.close()
  }
}

/** Reads an instant. @throws {WrongArgument} where it is no date, or leaves open where on Earth it is that time. */
export function instant(text: string): Date {
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/i.exec(text)
  const date = new Date(text)
  const isDay = parts && new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]))).getUTCDate() === Number(parts[3])
  if (!isDay || Number.isNaN(date.getTime())) {
    throw new WrongArgument(`--now "${text}" is not an instant.`, 'Write it in ISO 8601 with a zone, as in 2026-03-01T06:00:00Z or 2026-03-01T08:00:00+02:00; a day alone is its midnight in UTC.')
  }
  return date
}

/** Reads what must not be empty: a variable of the shell that was never set is no wish for the default. */
const filled = (option: string) => (text: string): string => {
  if (text === '') throw new WrongArgument(`${option} is given, but empty.`, `Leave ${option} out for the default.`)
  return text
}

/** Reads a whole number from 1 up. */
export const positive = (option: string) => (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new WrongArgument(`${option} "${text}" is not a whole number from 1 up.`, `Write a number, as in ${option} 8.`)
  return Number(text)
}

/** Reads a whole number from 0 up. */
export const natural = (option: string) => (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new WrongArgument(`${option} "${text}" is not a whole number from 0 up.`, `Write a number, as in ${option} 10.`)
  return Number(text)
}

/** Reads an amount of money: not negative, with a point where it has decimals. */
export const amount = (option: string) => (text: string): number => {
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(text)) throw new WrongArgument(`${option} "${text}" is not an amount from 0 up.`, `Write a number, as in ${option} 2.50.`)
  return Number(text)
}

/** Takes an option that may be given several times. */
export const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
