import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { counted } from '../views/amounts.ts'
import { document } from '../views/document.ts'

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command).action((options: ProjectOptions) => rebuild(options, invocation))
}

function rebuild(options: ProjectOptions, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const { assets, materializations, watermarks, checkpoints } = await project.rebuildState()
    if (options.json) out.write(document({ assets, materializations, watermarks, checkpoints }))
    else if (!options.quiet) out.lines([`Restored ${counted(materializations, 'materialization')} of ${counted(assets, 'asset')} from the lake's commits.${watermarks === 0 ? '' : ` ${counted(watermarks, 'watermark')} mirrored in _state.`}${checkpoints === 0 ? '' : ` ${counted(checkpoints, 'checkpoint')} of streams restored.`}`])
  })
}
