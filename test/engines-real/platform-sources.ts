import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RunResult } from '../../framework/execution/run-result.ts'
import type { Project } from '../../framework/project/project.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { generateSources } from '#resources/demo/five-systems'
import { SHARED } from '../assets/platform-rig.ts'

/** Which set the platform is made of on the real engines: `VARVE_ENGINE_DATA=full` asks for the larger one, and Spark gets `VARVE_SPARK_MEMORY` (1g). */
export const DATA = process.env['VARVE_ENGINE_DATA'] ?? 'sample'
export const IS_WHOLE = DATA !== 'sample'

/** Brings the exports of that set; what a machine without them makes up is small. */
export async function bringSources(to: string, { customers }: { readonly customers: number }): Promise<void> {
  const there = existsSync(join(SHARED, DATA))
  if (!there && IS_WHOLE) throw new Error(`There is no set ${DATA} in ${SHARED}`)
  if (there) cpSync(join(SHARED, DATA), to, { recursive: true })
  else await generateSources({ customers, seed: 1, dir: to })
}

/** What each table holds, as a multiset, whoever made it: the columns with their types, how many rows, and the sum of the rows' hashes. Decimals and times count by each digit. */
export async function contentsOf(project: Project, keys: readonly AssetKey[]): Promise<readonly { readonly asset: string; readonly columns: string; readonly rows: string; readonly sum: string }[]> {
  const found = []
  for (const asset of keys) {
    const [told] = (await project.query(`select any_value(typeof(t)) as columns, count(*)::varchar as rows, coalesce(sum(hash(t)::hugeint), 0)::varchar as sum from "${asset}" as t`)).rows as readonly { readonly columns: string; readonly rows: string; readonly sum: string }[]
    found.push({ asset, ...told! })
  }
  return found
}

/** Tells how long each step took on either side, where somebody wants to know: of the larger set. */
export function tellTimes(engine: string, contents: readonly { readonly asset: string; readonly rows: string }[], here: RunResult, there: RunResult): void {
  if (!IS_WHOLE) return
  const seconds = ({ steps }: RunResult, asset: string) => ((steps.find(step => step.asset === asset)?.durationMs ?? 0) / 1000).toFixed(1)
  console.log([`| table | rows | DuckDB, s | ${engine}, s |`, '|---|---|---|---|', ...contents.map(({ asset, rows }) => `| ${asset} | ${Number(rows).toLocaleString('en')} | ${seconds(here, asset)} | ${seconds(there, asset)} |`), `| all steps, landing included | | ${(here.durationMs / 1000).toFixed(0)} | ${(there.durationMs / 1000).toFixed(0)} |`].join('\n'))
}
