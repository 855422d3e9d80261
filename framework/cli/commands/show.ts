import type { Command } from 'commander'
import { assetKey } from '../../vocabulary/asset-key.ts'
import { quoteIdentifier } from '../../vocabulary/sql.ts'
import type { Invocation } from '../command.ts'
import { readRows, withReadOptions, type ReadOptions } from './query.ts'

export function configure(command: Command, invocation: Invocation): void {
  withReadOptions(command.argument('<key>', 'an asset, as in gold/customer_360'), 20).action(
    (key: string, options: ReadOptions) => readRows(`select * from ${quoteIdentifier(assetKey(key))}`, options, invocation),
  )
}
