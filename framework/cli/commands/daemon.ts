import { Option, type Command } from 'commander'
import type { AutomationJob } from '../../project/automation.ts'
import type { Invocation } from '../command.ts'
import { Interrupt } from '../interrupt.ts'
import { several, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { WrongArgument } from '../usage-errors.ts'
import { daemonStatusDocument, daemonStatusLines } from '../views/daemon-view.ts'
import { document } from '../views/document.ts'

interface Options extends ProjectOptions {
  readonly only?: readonly AutomationJob[]
  readonly onStop: 'cancel' | 'finish'
  readonly once?: true
  readonly status?: true
}

const JOBS: readonly AutomationJob[] = ['schedules', 'conditions', 'watchdog']

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .addOption(new Option('--only <job>', `do only this: ${JOBS.join(', ')}; may be given several times`).argParser((text: string, before?: readonly string[]) => several(job(text), before)))
      .addOption(new Option('--on-stop <what>', 'what becomes of runs when it is stopped: they are cancelled and begun again by the next daemon, or they finish').choices(['cancel', 'finish']).default('cancel'))
      .option('--once', 'do what is due now, and end')
      .option('--status', 'tell what it has done and will do, and end'),
  ).action((options: Options) => (options.status ? status(options, invocation) : daemon(options, invocation)))
}

async function daemon({ only, onStop, once, ...options }: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  if (options.now && !once) throw new WrongArgument('A daemon whose clock stands still would wait for ever.', 'Leave out --now, or let it do what is due then with --once.')
  const line = (kind: 'said' | 'alert', message: string) => {
    if (options.json) out.write(`${JSON.stringify({ version: 1, at: new Date().toISOString(), kind, message })}\n`)
    else if (kind === 'alert' || !options.quiet) out.lines([`${new Date().toISOString()} ${message}`])
  }
  const interrupt = new Interrupt(() => line('said', onStop === 'cancel' ? 'Stopping: what runs is cancelled, and left to the next daemon.' : 'Stopping as soon as what runs has ended. The same signal again leaves at once.'))
  try {
    await withProject(options, invocation, async project => {
      if (!once) line('said', `The daemon of profile ${project.profile} is at work: ${(only ?? JOBS).join(', ')}.`)
      await project.automate({ only, onStop, once, stop: interrupt.signal, say: message => line('said', message), tell: message => line('alert', message) })
      if (interrupt.exitCode !== undefined) line('said', 'Stopped.')
    }, message => line('said', message))
  } finally {
    interrupt.close()
  }
}

function status(options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const found = project.automationStatus()
    if (options.json) out.write(document(daemonStatusDocument(found)))
    else out.lines(daemonStatusLines(found, options.now ?? new Date(), out))
  })
}

function job(text: string): AutomationJob {
  const found = JOBS.find(each => each === text)
  if (!found) throw new WrongArgument(`--only "${text}" is nothing that the daemon does.`, `Write one of ${JOBS.join(', ')}.`)
  return found
}
