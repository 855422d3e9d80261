import type { Command } from 'commander'
import { assetKey } from '../../vocabulary/asset-key.ts'
import type { Invocation } from '../command.ts'
import { several, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { runOn } from './materialize.ts'

interface Options extends ProjectOptions {
  readonly rule?: string
  readonly id?: readonly string[]
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('<key>', 'an asset, as in silver/orders')
      .option('--rule <rule>', 'only rows that broke this rule')
      .option('--id <id>', 'only this row; may be given several times', several),
  ).action((text: string, options: Options) => {
    const key = assetKey(text)
    return runOn(options, invocation, [key], (project, running) => project.release(project.graph.get(key).key, { rule: options.rule, ids: options.id }, running))
  })
}
