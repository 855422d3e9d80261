import type { Connection } from '../duckdb/connection.ts'
import type { Database } from '../duckdb/database.ts'
import { exactPath } from '../duckdb/exact-path.ts'
import { isArray, isMap, isStruct, COLUMN_ID, PHYSICAL_NAME, type DeltaType, type StructField } from './schema-types.ts'
import type { AddFile } from './actions.ts'
import { CannotRead } from './delta-errors.ts'
import { resolvePath } from './table-paths.ts'
import type { TableView } from './table-view.ts'

/**
 * Of each file whether its columns are found by their ids: in a table that maps by id they are, but writers that know no ids leave files
 * without any, whose columns have their physical names. The files must be on this machine.
 * @throws {CannotRead} where a field inside a column would be found by its id under another name: inside, only names are followed here
 */
export async function foundById(table: TableView, fields: readonly StructField[], files: readonly AddFile[]): Promise<readonly boolean[]> {
  if (table.mapping !== 'id' || fields.some(({ metadata }) => metadata?.[COLUMN_ID] === undefined)) return files.map(() => false)
  const known = looked.get(table.database) ?? new Map<string, readonly Column[]>()
  looked.set(table.database, known)
  const keyOf = (file: AddFile) => `${resolvePath(table.root, file.path)}\0${file.size}`
  const paths = [...new Set(files.filter(file => !known.has(keyOf(file))).map(file => resolvePath(table.root, file.path)))]
  const told = paths.length === 0 ? new Map<string, Column[]>() : await table.database.use(connection => columnsWithIds(connection, paths))
  for (const file of files) if (!known.has(keyOf(file))) known.set(keyOf(file), told.get(resolvePath(table.root, file.path)) ?? [])
  const answer = files.map(file => known.get(keyOf(file))!)
  if (known.size > MOST_KNOWN) known.clear()
  for (const field of fields) {
    const inside = fieldsInside(field)
    if (inside.length === 0) continue
    for (const [i, columns] of answer.entries()) {
      const stray = strayField(inside, columns.find(({ id }) => id === field.metadata[COLUMN_ID])?.inside ?? [])
      if (stray) throw new CannotRead(`Column ${field.name} of ${table.root} has a field ${stray.name} that ${files[i]!.path} holds under another name, to be found by its id. That cannot be read here.`)
    }
  }
  return answer.map(columns => columns.length > 0)
}

/** A top-level column of a file that has an id, with the fields inside it that have one. */
interface Column {
  readonly id: number
  readonly inside: readonly FieldInside[]
}

interface FieldInside {
  readonly id: number
  readonly name: string
  /** The id of the field that it lies in. */
  readonly within: number
}

async function columnsWithIds(connection: Connection, paths: readonly string[]): Promise<Map<string, Column[]>> {
  const rows = await connection.rows<{ file: string; name: string; children: bigint | null; id: bigint | null }>(`select file_name as file, name, num_children as children, field_id as id from parquet_schema([${paths.map(exactPath).join(', ')}])`)
  const files = new Map<string, Column[]>()
  for (let at = 0; at < rows.length;) {
    const columns: Column[] = []
    files.set(rows[at]!.file, columns)
    const node = (within: number | undefined, inside: FieldInside[]): void => {
      const { name, children, id: found } = rows[at]!
      at += 1
      const id = found === null ? undefined : Number(found)
      if (id !== undefined && within !== undefined) inside.push({ id, name, within })
      for (let i = 0; i < Number(children ?? 0); i += 1) node(id ?? within, inside)
    }
    const top = Number(rows[at]!.children ?? 0)
    at += 1
    for (let i = 0; i < top; i += 1) {
      const { id } = rows[at]!
      const inside: FieldInside[] = []
      node(undefined, inside)
      if (id !== null) columns.push({ id: Number(id), inside })
    }
  }
  return files
}

function fieldsInside(field: StructField): FieldInside[] {
  const of = (type: DeltaType, within: number): FieldInside[] => {
    if (isStruct(type)) return type.fields.flatMap(inner => [{ id: Number(inner.metadata?.[COLUMN_ID]), name: String(inner.metadata?.[PHYSICAL_NAME] ?? inner.name), within }, ...of(inner.type, Number(inner.metadata?.[COLUMN_ID]))])
    if (isArray(type)) return of(type.elementType, within)
    return isMap(type) ? [...of(type.keyType, within), ...of(type.valueType, within)] : []
  }
  return of(field.type, Number(field.metadata[COLUMN_ID]))
}

/** A field that its name leads to another than its id, or that only one of both leads to. */
function strayField(wanted: readonly FieldInside[], found: readonly FieldInside[]): FieldInside | undefined {
  const alike = (a: FieldInside, b: FieldInside) => a.within === b.within && a.name.toLowerCase() === b.name.toLowerCase()
  return wanted.find(field => found.some(other => (other.id === field.id ? !alike(other, field) : alike(other, field))))
}

/** A data file never changes, so that a look at its footer is enough once. */
const looked = new WeakMap<Database, Map<string, readonly Column[]>>()
const MOST_KNOWN = 100_000
