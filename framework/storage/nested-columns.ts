/** A file's columns, and of those that hold JSON objects the names within. */
export interface NestedColumns {
  readonly columns: readonly string[]
  readonly nested?: Readonly<Record<string, readonly string[]>> | undefined
}

/** A column of a file: by its own name, or as `parent.child` the value within an object. */
export interface ReachedColumn {
  readonly name: string
  readonly within?: { readonly parent: string; readonly child: string } | undefined
}

/** The file's columns as a contract sees them: an object that it reaches into stands as its parts, any other as one column. */
export function reachedColumns({ columns, nested = {} }: NestedColumns, contractColumns: readonly string[]): readonly ReachedColumn[] {
  return columns.flatMap((name): ReachedColumn[] => {
    const parts = nested[name]
    if (!parts || columns.some(other => other.startsWith(`${name}.`)) || !contractColumns.some(wanted => wanted.startsWith(`${name}.`))) return [{ name }]
    return parts.map(child => ({ name: `${name}.${child}`, within: { parent: name, child } }))
  })
}
