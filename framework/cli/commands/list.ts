import type { Command } from 'commander'
import { layerOf } from '../../vocabulary/asset-key.ts'
import type { Invocation } from '../command.ts'
import { several, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { listLines } from '../views/list-view.ts'

interface Options extends ProjectOptions {
  readonly exclude?: readonly string[]
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.argument('[selection...]', 'which assets; without it all of them').option('--exclude <selection>', 'leave these out', several)).action(
    (selection: string[], options: Options) => list(selection, options, invocation),
  )
}

function list(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const keys = await project.select(selection, options.exclude)
    const definitions = keys.map(key => project.graph.get(key))
    if (!options.json) return out.lines(listLines(definitions, project.root, out))
    const assets = definitions.map(({ key, kind, write, partitions, owners, tags, description }) => ({ key, layer: layerOf(key), kind, upstreams: project.graph.upstreamKeysOf(key), write, partitions: partitions ?? null, owners, tags, description }))
    out.write(document({ assets }))
  })
}
