import { selectionOf, type MaintenanceConfig } from './maintenance-config.ts'
import type { Project } from './project.ts'
import type { Maintained } from './table-maintenance.ts'

/** Does what `maintenance:` in the configuration says. @returns a line for each kind of work, and one for each table that failed */
export async function maintained(project: Pick<Project, 'optimize' | 'vacuum'>, config: MaintenanceConfig): Promise<readonly string[]> {
  const { do: what = ['optimize', 'vacuum'], retainHours } = config
  const lines: string[] = []
  if (what.includes('optimize')) {
    const done = await project.optimize(selectionOf(config), {})
    const packed = done.tables.filter(({ filesBefore }) => filesBefore > 0)
    lines.push(`packed ${packed.length} of ${done.tables.length} tables: ${total(packed, 'filesBefore')} files became ${total(packed, 'filesAfter')}`, ...failures(done))
  }
  if (what.includes('vacuum')) {
    const done = await project.vacuum(selectionOf(config), { retainHours, delete: true })
    lines.push(`took ${done.tables.reduce((sum, { files }) => sum + files.length, 0)} files that no table needs away from ${done.tables.length} tables`, ...failures(done))
  }
  return lines
}

const failures = ({ failures: all }: Maintained<unknown>) => all.map(({ asset, error }) => `${asset} failed: ${error.message}`)
const total = <Key extends string>(rows: readonly Readonly<Record<Key, number>>[], key: Key) => rows.reduce((sum, row) => sum + row[key], 0)
