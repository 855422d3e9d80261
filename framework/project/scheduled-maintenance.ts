import { selectionOf, type MaintenanceConfig } from './maintenance-config.ts'
import type { Project } from './project.ts'
import type { Maintained } from './table-maintenance.ts'

/** Does what `maintenance:` in the configuration says. @returns a line for each kind of work, and one for each table that failed */
export async function maintained(project: Pick<Project, 'optimize' | 'vacuum'>, config: MaintenanceConfig): Promise<readonly string[]> {
  const { do: what = ['optimize', 'vacuum'], retainHours } = config
  const lines: string[] = []
  if (what.includes('optimize')) {
    lines.push(...(await packed(project, selectionOf(config))))
  }
  if (what.includes('vacuum')) {
    const done = await project.vacuum(selectionOf(config), { retainHours, delete: true })
    lines.push(`took ${done.tables.reduce((sum, { files }) => sum + files.length, 0)} files that no table needs away from ${done.tables.length} tables`, ...failures(done))
  }
  return lines
}

/** Packs tables. @returns a line, and one for each table that failed */
export async function packed(project: Pick<Project, 'optimize'>, selection: readonly string[]): Promise<readonly string[]> {
  const done = await project.optimize(selection, {})
  const changed = done.tables.filter(({ filesBefore }) => filesBefore > 0)
  return [`packed ${changed.length} of ${done.tables.length} tables: ${total(changed, 'filesBefore')} files became ${total(changed, 'filesAfter')}`, ...failures(done)]
}

const failures = ({ failures: all }: Maintained<unknown>) => all.map(({ asset, error }) => `${asset} failed: ${error.message}`)
const total = <Key extends string>(rows: readonly Readonly<Record<Key, number>>[], key: Key) => rows.reduce((sum, row) => sum + row[key], 0)
