import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Statements that make one view per table of a lake layer, over the files that its Delta log says are live. Reads the log by itself, without `delta/`. */
export function lakeViews(lake: string, layer: string): string[] {
  const tables = readdirSync(join(lake, layer)).filter(name => existsSync(join(lake, layer, name, '_delta_log')))
  return tables.map(name => `create or replace view "${layer}/${name}" as ${rowsOf(join(lake, layer, name))}`)
}

function rowsOf(table: string): string {
  const files = liveFiles(table)
  return files.length > 0 ? `from read_parquet([${files.map(file => `'${file}'`).join(', ')}])` : `select ${columnsOf(table).map(name => `null as "${name}"`).join(', ')} where false`
}

function columnsOf(table: string): string[] {
  const [first] = readdirSync(join(table, '_delta_log')).filter(name => /^\d{20}\.json$/.test(name)).sort()
  const actions = readFileSync(join(table, '_delta_log', first!), 'utf8').trim().split('\n').map(line => JSON.parse(line) as { metaData?: { schemaString: string } })
  const { fields } = JSON.parse(actions.find(({ metaData }) => metaData)!.metaData!.schemaString) as { fields: { name: string }[] }
  return fields.map(({ name }) => name)
}

function liveFiles(table: string): string[] {
  const log = join(table, '_delta_log')
  const live = new Set<string>()
  for (const commit of readdirSync(log).filter(name => /^\d{20}\.json$/.test(name)).sort()) {
    for (const line of readFileSync(join(log, commit), 'utf8').trim().split('\n')) {
      const action = JSON.parse(line) as { add?: { path: string }; remove?: { path: string } }
      if (action.remove) live.delete(decodeURIComponent(action.remove.path))
      if (action.add) live.add(decodeURIComponent(action.add.path))
    }
  }
  return [...live].map(path => join(table, path))
}
