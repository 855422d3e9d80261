import { quoteIdentifier } from '../vocabulary/sql.ts'

/** A DuckDB type, taken apart. A scalar keeps its text, as in `DECIMAL(18,2)` or `ENUM('a', 'b')`. */
export type ColumnType =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'list'; readonly of: ColumnType }
  | { readonly kind: 'map'; readonly key: ColumnType; readonly value: ColumnType }
  | { readonly kind: 'struct'; readonly fields: readonly ColumnField[] }

export interface ColumnField {
  readonly name: string
  readonly type: ColumnType
}

/** Takes apart the text that DuckDB's DESCRIBE gives for a type. Fixed-size arrays count as lists. */
export function columnType(text: string): ColumnType {
  const reader = new TypeText(text)
  const type = reader.type()
  reader.end()
  return type
}

/** The type as text that DuckDB reads. */
export function columnTypeText(type: ColumnType): string {
  switch (type.kind) {
    case 'scalar': return type.name
    case 'list': return `${columnTypeText(type.of)}[]`
    case 'map': return `MAP(${columnTypeText(type.key)}, ${columnTypeText(type.value)})`
    case 'struct': return `STRUCT(${type.fields.map(field => `${quoteIdentifier(field.name)} ${columnTypeText(field.type)}`).join(', ')})`
  }
}

/** Reads a type from its text, from left to right. */
class TypeText {
  #at = 0
  constructor(readonly text: string) {}

  type(): ColumnType {
    let type = this.#base()
    for (let suffix = this.#take(/^\[\d*\]/); suffix; suffix = this.#take(/^\[\d*\]/)) type = { kind: 'list', of: type }
    return type
  }

  end(): void {
    if (this.text.slice(this.#at).trim() !== '') throw new Error(`"${this.text}" is not a type that DuckDB describes`)
  }

  #base(): ColumnType {
    if (this.#take(/^STRUCT\(/i)) return { kind: 'struct', fields: this.#fields() }
    if (this.#take(/^MAP\(/i)) {
      const key = this.type()
      this.#need(/^,\s*/)
      const value = this.type()
      this.#need(/^\s*\)/)
      return { kind: 'map', key, value }
    }
    const name = this.#need(/^[A-Za-z_"][A-Za-z0-9_"]*(?: (?:with(?:out)?|time|zone|precision|local)\b)*/i)
    const parameters = this.#take(/^\((?:'(?:[^']|'')*'|"(?:[^"]|"")*"|[^()'"]|\([^()]*\))*\)/) ?? ''
    return { kind: 'scalar', name: name + parameters }
  }

  #fields(): ColumnField[] {
    const fields: ColumnField[] = []
    do {
      const name = this.#need(/^\s*(?:"(?:[^"]|"")*"|[^\s"(),]+)\s+/).trim()
      fields.push({ name: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name, type: this.type() })
    } while (this.#take(/^\s*,\s*/))
    this.#need(/^\s*\)/)
    return fields
  }

  #take(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.text.slice(this.#at))?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #need(pattern: RegExp): string {
    const found = this.#take(pattern)
    if (found === undefined) throw new Error(`"${this.text}" is not a type that DuckDB describes`)
    return found
  }
}
