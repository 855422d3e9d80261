import type { Command } from 'commander'
import { assetKey } from '../../vocabulary/asset-key.ts'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { historyLines, versionDocument } from '../views/history-view.ts'

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.argument('<key>', 'an asset, as in gold/customer_360')).action((key: string, options: ProjectOptions) => history(key, options, invocation))
}

function history(text: string, options: ProjectOptions, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const { key } = project.graph.get(assetKey(text))
    const found = project.checkHistory(key)
    const versions = (await project.history(key)).map(version => ({ ...version, checks: found.filter(({ tableVersion }) => tableVersion === version.version) }))
    if (options.json) out.write(document({ key, versions: versions.map(versionDocument) }))
    else out.lines(versions.length === 0 ? [`${key} has never been written.`] : historyLines(versions, out))
  })
}
