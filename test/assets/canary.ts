import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './platform-rig.ts'

export interface Contract {
  readonly source: string
  readonly table: string
  readonly columns: readonly { readonly name: string; readonly type: string; readonly tags?: readonly string[] }[]
}

/** Shows where a canary went that was put into a column of personal data. */
export const CANARY = /canary|555-?012-?3/i

export const contracts = readdirSync(join(ROOT, 'config/schema_definitions')).filter(name => !name.startsWith('hubspot_')).map(name => JSON.parse(readFileSync(join(ROOT, 'config/schema_definitions', name), 'utf8')) as Contract)

export const personal = ({ columns }: Contract) => columns.filter(({ tags = [] }) => tags.some(tag => tag.startsWith('pii')))

/** A canary for the column as SQL, of row `n`: in one of seven rows so that no rule lets it pass. */
export function canaryFor({ name, type, tags = [] }: Contract['columns'][number]): string {
  if (tags.includes('pii:email')) return "case when n % 7 = 0 then 'canary at nowhere' else concat('canary.', n, '@canarymail.example') end"
  if (type === 'bigint') return 'cast(5550123000 + n as varchar)'
  if (tags.includes('pii:phone')) return "concat('555-012-3', lpad(cast(n as varchar), 3, '0'), case when n % 7 = 0 then 'canary' else '' end)"
  return `concat('Canary${name.replaceAll('_', '')} Canaryson', n)`
}
