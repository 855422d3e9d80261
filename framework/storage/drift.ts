import { ingestionOf, type Contract } from '../definition/contract.ts'
import { nearNames } from '../vocabulary/near-names.ts'
import { reachedColumns, type NestedColumns } from './nested-columns.ts'
import { readsAs, type ColumnKind, type ColumnSample } from './column-kind.ts'

/** How a file differs from its contract. */
export interface Drift {
  /** Columns that the contract does not know. */
  readonly added: readonly string[]
  /** Columns of the contract that the file lacks. */
  readonly missing: readonly string[]
  /** Columns most of whose first values can't be read as the contract's type. */
  readonly type_changed: readonly { readonly column: string; readonly from: string; readonly to: ColumnKind }[]
  /** Pairs of a missing and an added column that are likely to be the same: a guess, on which nothing hangs. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[]
  /** Columns that are spelt in other capitals, and are read all the same. */
  readonly case_only: readonly { readonly from: string; readonly to: string }[]
}

export interface FileColumns extends NestedColumns {
  readonly samples: Readonly<Record<string, ColumnSample>>
}

/** The file's name for each column of the contract that it has. Capitals make no difference where nothing else decides. */
export function columnsInFile(names: readonly string[], columns: readonly string[]): ReadonlyMap<string, string> {
  const bySmall = new Map(columns.map(column => [column.toLowerCase(), column]))
  return new Map(names.flatMap(name => {
    const found = columns.includes(name) ? name : bySmall.get(name.toLowerCase())
    return found === undefined ? [] : [[name, found] as const]
  }))
}

/** How the file differs; undefined where it does not. */
export function driftOf(file: FileColumns, contract: Contract): Drift | undefined {
  const { samples } = file
  const columns = reachedColumns(file, contract.columns.map(({ name }) => name)).map(({ name }) => name)
  const there = columnsInFile(contract.columns.map(({ name }) => name), columns)
  const known = new Set(there.values())
  const added = columns.filter(column => !known.has(column) && !contract.ignores?.includes(column))
  const missing = contract.columns.map(({ name }) => name).filter(name => !there.has(name))
  const drift: Drift = {
    added, missing,
    type_changed: contract.columns.flatMap(({ name, type }) => {
      const sample = samples[there.get(name) ?? '']
      return sample && !readsAs(sample.most, type.toLowerCase()) ? [{ column: name, from: type, to: sample.most }] : []
    }),
    renamed: missing.flatMap(from => {
      const type = contract.columns.find(({ name }) => name === from)!.type
      const [to] = nearNames(from.toLowerCase(), added.map(name => name.toLowerCase()))
      const column = added.find(name => name.toLowerCase() === to)
      return column !== undefined && readsAs(samples[column]?.most ?? 'empty', type) ? [{ from, to: column }] : []
    }),
    case_only: [...there].flatMap(([from, to]) => (from === to ? [] : [{ from, to }])),
  }
  return Object.values(drift).some(list => (list as readonly unknown[]).length > 0) ? drift : undefined
}

/** What became of the columns that were not expected, in words. */
export function driftInWords({ added, missing, type_changed, case_only }: Drift, contract: Contract, place: string): string {
  const { mode, on_unknown_column } = ingestionOf(contract)
  const kept = mode === 'schema_on_read' ? 'taken into bronze as text' : on_unknown_column === 'drop' ? 'left in landing' : `kept in ${place}`
  return [
    ...(added.length > 0 ? [`unknown ${added.join(', ')} (${kept})`] : []),
    ...(missing.length > 0 ? [`missing ${missing.join(', ')} (read as NULL)`] : []),
    ...type_changed.map(({ column, from, to }) => `${column} is ${to} instead of ${from}`),
    ...case_only.map(({ from, to }) => `${from} is spelt ${to} (read all the same)`),
  ].join('; ')
}
