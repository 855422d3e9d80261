import { Command } from 'commander'
import type { Invocation } from './command.ts'
import { commands, type CommandEntry } from './commands.ts'
import { varveVersion } from '../project/version.ts'

/** What the words are read by. Only the command that they name is loaded. */
export async function commandLine(invocation: Invocation): Promise<Command> {
  const { terminal: { out }, words } = invocation
  const program = quiet(new Command('varve'))
    .description('Declarative assets for a lakehouse: says what is stale and why, and writes just that.')
    .version(varveVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this, or the help of a command')
    .configureHelp({
      subcommandTerm: command => [command.name(), command.commands.map(each => each.name()).join('|')].filter(Boolean).join(' '),
      subcommandDescription: command => command.summary() || command.commands.map(each => each.summary()).join('; '),
      styleTitle: out.style.bold,
      styleCommandText: out.style.cyan,
      styleOptionText: out.style.cyan,
    })
    .configureOutput({
      writeOut: text => out.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(out.width, 120),
      getOutHasColors: () => true,
    })
  const asked = words.filter(word => !word.startsWith('-') && word !== 'help')
  for (const entry of commands) {
    const command = commandAt(program, entry)
    if (entry.path.every((word, i) => asked[i] === word)) (await entry.load()).configure(command, invocation)
  }
  return program.addHelpCommand(new Command('help').argument('[command]').summary('print the help of a command').helpGroup(commands.at(-1)!.group))
}

function commandAt(program: Command, { path, summary, group }: CommandEntry): Command {
  const words = [...path]
  const name = words.pop()!
  const parent = words.reduce((above, word) => above.commands.find(each => each.name() === word) ?? quiet(above.command(word)).helpGroup(group).copyInheritedSettings(above), program)
  return quiet(parent.command(name)).copyInheritedSettings(program).helpGroup(parent === program ? group : '').summary(summary).description(sentence(summary))
}

/** Mistakes come to us as exceptions, and are told in one form with all others. What stands behind `runs prune` is meant for it, though `runs` has options of these names too. */
const quiet = (command: Command): Command => command.exitOverride().showSuggestionAfterError(true).enablePositionalOptions()

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`
