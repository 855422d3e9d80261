import type { Command } from 'commander'
import { placeInWords } from '../../vocabulary/errors.ts'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { counted } from '../views/amounts.ts'
import { visible } from '../terminal/text-width.ts'
import { document } from '../views/document.ts'

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command).action((options: ProjectOptions) => check(options, invocation))
}

/** Loading the project is the check: whatever is wrong with it is thrown, all at once. */
function check(options: ProjectOptions, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const { assets, contracts, rules, notes } = await project.checkConfig()
    if (options.json) return void out.write(document({ ok: true, profile: project.profile, assets, contracts, rules, notes: notes.map(({ place, lines, note }) => ({ file: place.file, from: lines.from, to: lines.to, note })) }))
    out.lines(notes.flatMap(({ place, note }) => [`${out.style.yellow(out.style.symbols.warning)} ${placeInWords({ file: place.file, line: place.line })}  ${visible(note)}`]))
    if (!options.quiet) out.lines([`${out.style.green(out.style.symbols.good)} Profile ${project.profile}, ${counted(assets, 'asset')} and ${counted(contracts, 'contract')}${rules === 0 ? '' : `, ${counted(rules, 'rule')}`}: all valid.`])
  })
}
