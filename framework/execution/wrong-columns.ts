import type { DescribedColumn } from '../duckdb/connection.ts'
import type { EngineSession } from '../engines/engine.ts'

/** What is wrong with a table's columns, a sentence for each. Types are compared as the database names them: `string` is VARCHAR. */
export async function wrongColumns(promised: Readonly<Record<string, string>>, found: readonly DescribedColumn[], closed: boolean, session: EngineSession): Promise<string[]> {
  const names = Object.keys(promised)
  const types = names.length === 0 ? [] : await session.columns(`select ${names.map((name, i) => `cast(null as ${typeText(promised[name]!)}) as c${i}`).join(', ')}`)
  const there = new Map(found.map(({ name, type }) => [name.toLowerCase(), type]))
  const wrong = names.flatMap((name, i) => {
    const type = there.get(name.toLowerCase())
    if (type === undefined) return [`${name} is missing`]
    return type === types[i]!.type ? [] : [`${name} is ${type}, not ${types[i]!.type}`]
  })
  const known = new Set(names.map(name => name.toLowerCase()))
  return [...wrong, ...(closed ? found.filter(({ name }) => !known.has(name.toLowerCase())).map(({ name }) => `${name} is not promised`) : [])]
}

/** The text of a type, which may be nested. It is cast to and never run: what could end it is refused. */
function typeText(type: string): string {
  if (!/^[a-z][\w ,()[\]"]*$/i.test(type)) throw new Error(`"${type}" is not the name of a type`)
  return type
}
