import type { Command } from 'commander'
import { layerOf } from '../../vocabulary/asset-key.ts'
import type { Invocation } from '../command.ts'
import { several, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { tableLines } from '../views/table-view.ts'

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
    const assets = keys.map(key => {
      const { kind, write, owners, tags, description } = project.graph.get(key)
      return { key, layer: layerOf(key), kind, upstreams: project.graph.upstreamKeysOf(key), write, partitions: null, owners, tags, description }
    })
    if (options.json) return out.write(document({ assets }))
    const columns = [{ title: 'asset', least: 30, paint: out.style.bold }, { title: 'kind' }, { title: 'write', least: 10 }, { title: 'reads', align: 'right' as const }, { title: 'what a row is', least: 16 }]
    out.lines(tableLines(columns, assets.map(({ key, kind, write, upstreams, description }) => [key, kind, write.mode, String(upstreams.length), description.split('\n')[0]!]), out))
  })
}
