import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { counted } from '../views/amounts.ts'
import { document } from '../views/document.ts'

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command).action((options: ProjectOptions) => check(options, invocation))
}

/** Loading the project is the check: whatever is wrong with it is thrown, all at once. */
function check(options: ProjectOptions, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const { assets, contracts } = await project.checkConfig()
    if (options.json) out.write(document({ ok: true, profile: project.profile, assets, contracts }))
    else if (!options.quiet) out.lines([`${out.style.green(out.style.symbols.good)} Profile ${project.profile}, ${counted(assets, 'asset')} and ${counted(contracts, 'contract')}: all valid.`])
  })
}
