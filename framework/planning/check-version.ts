import type { ContainerInstance } from 'typedi'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { CheckDefinition } from '../definition/check-definition.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'
import { isFragment, sqlText } from '../vocabulary/sql.ts'
import { fingerprint } from '../vocabulary/version.ts'
import type { Situation } from './situation.ts'

/** Names what an asset promises, kept apart from its logic: whoever only changes a check has nothing written. Undefined where it promises nothing. */
export function checkVersionOf({ checks }: AssetDefinition, services: ContainerInstance): string | undefined {
  if (checks.length === 0) return undefined
  const known = VERSIONS.get(checks)
  if (known !== undefined) return known
  const version = fingerprint(...checks.map(({ rule, ...rest }) => JSON.stringify({ ...rest, rule: rule.kind === 'method' ? textOf(() => sqlText(rule.violations(services), key => key)) : rule }, plain)))
  // A method may ask services, which another load has others of.
  if (checks.every(({ rule }) => rule.kind !== 'method')) VERSIONS.set(checks, version)
  return version
}

/** Assets that promise alike share their promises. */
const VERSIONS = new WeakMap<readonly CheckDefinition[], string>()

/** Why nothing but the checks has to run again. What was made before checks were recorded is taken as held. */
export function checksChanged({ state, checkVersions, heldChecks }: Situation, key: AssetKey): StaleCause[] {
  const last = state.last(key)
  const now = checkVersions?.get(key)
  if (!last || now === undefined) return []
  const held = heldChecks?.get(key)
  const was = held?.tableVersion === last.tableVersion ? held.checks : last.checks
  return was === undefined || was === now ? [] : [{ code: 'checks', was, now }]
}

/** A method that cannot be called has a version too: running it tells what is wrong. */
function textOf(render: () => string): string {
  try {
    return render()
  } catch (error) {
    return String(error)
  }
}

function plain(_name: string, value: unknown): unknown {
  if (isFragment(value)) return sqlText(value, key => key)
  return typeof value === 'function' ? (value as () => AssetKey)() : value
}
