import type { Contract, ContractColumn } from './contract.ts'

/** One difference between two versions of a contract. Breaking is what makes readers of the table, or files that were good, fail. */
export interface ContractChange {
  readonly change: 'column-added' | 'column-removed' | 'type-changed' | 'became-required' | 'became-optional' | 'null-policy-changed' | 'table-name-changed' | 'key-changed'
  /** As the source names it; absent where the change is of none. */
  readonly column?: string | undefined
  readonly breaking: boolean
  readonly detail: string
}

export type Bump = 'major' | 'minor' | 'patch' | 'none'

/** What of two versions is different, and whether the version says so. */
export interface ContractComparison {
  readonly changes: readonly ContractChange[]
  readonly breaking: boolean
  /** What the changes call for. */
  readonly needs: Bump
  /** What the version numbers say. */
  readonly bump: Bump
  /** No breaking change without a new major version. */
  readonly ok: boolean
}

type Compared = Pick<Contract, 'version' | 'primaryKey' | 'columns'>

export function compareContracts(before: Compared, after: Compared): ContractComparison {
  const changes = changesOf(before, after)
  const breaking = changes.some(change => change.breaking)
  const bump = bumpOf(before.version, after.version)
  const needs = breaking ? 'major' : changes.some(({ change }) => change === 'column-added' || change === 'became-optional' || change === 'null-policy-changed') ? 'minor' : JSON.stringify(before) === JSON.stringify(after) ? 'none' : 'patch'
  return { changes, breaking, needs, bump, ok: !breaking || bump === 'major' }
}

function changesOf(before: Compared, after: Compared): ContractChange[] {
  const [known, now] = [byName(before.columns), byName(after.columns)]
  const changes: ContractChange[] = []
  for (const old of before.columns) {
    const { name, as, type, required } = old
    const next = now.get(name)
    if (!next) changes.push({ change: 'column-removed', column: name, breaking: true, detail: `${name} is gone` })
    else {
      if (next.type.toLowerCase() !== type.toLowerCase()) changes.push({ change: 'type-changed', column: name, breaking: true, detail: `${name} was ${type} and is ${next.type}` })
      if ((next.as ?? name) !== (as ?? name)) changes.push({ change: 'table-name-changed', column: name, breaking: true, detail: `${name} was ${as ?? name} in our table and is ${next.as ?? name}` })
      if (isRequired(next) && !required) changes.push({ change: 'became-required', column: name, breaking: true, detail: `${name} may not be missing any more` })
      if (!isRequired(next) && required) changes.push({ change: 'became-optional', column: name, breaking: false, detail: `${name} may be missing` })
      if (nullPolicy(old) !== nullPolicy(next)) changes.push({ change: 'null-policy-changed', column: name, breaking: false, detail: `a row without ${name} ${nullPolicy(old).replace(/^is/, 'was')} and ${nullPolicy(next)}` })
    }
  }
  for (const column of after.columns) {
    if (known.has(column.name)) continue
    changes.push({ change: 'column-added', column: column.name, breaking: isRequired(column), detail: isRequired(column) ? `${column.name} is new and required: files that were good lack it` : `${column.name} is new and may be missing` })
  }
  if (before.primaryKey.join('\0') !== after.primaryKey.join('\0')) changes.push({ change: 'key-changed', breaking: true, detail: `the key was ${before.primaryKey.join(', ')} and is ${after.primaryKey.join(', ')}` })
  return changes
}

const byName = (columns: readonly ContractColumn[]) => new Map(columns.map(column => [column.name, column]))
/** What becomes of a row that lacks the column's value. */
const nullPolicy = ({ nullable = true, default: otherwise }: ContractColumn): string => (otherwise !== undefined ? `is given ${JSON.stringify(otherwise)}` : nullable ? 'is taken in' : 'is kept aside')
const isRequired = ({ required }: ContractColumn): boolean => required

/** A version that goes back says nothing. */
function bumpOf(before: string, after: string): Bump {
  const [old, now] = [before.split('.').map(Number), after.split('.').map(Number)]
  const at = now.findIndex((part, i) => part !== old[i])
  if (at < 0 || now[at]! < old[at]!) return 'none'
  return (['major', 'minor', 'patch'] as const)[at] ?? 'none'
}
