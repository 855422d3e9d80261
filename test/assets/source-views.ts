import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Statements that make one view per export, by its stem, with every value as text. */
export function sourceViews(dir: string): string[] {
  const files = readdirSync(dir)
  const csv = files.filter(name => /\.csv(\.gz)?$/.test(name)).map(name => `create or replace view ${stem(name)} as from read_csv('${join(dir, name)}', all_varchar = true, header = true)`)
  const history = files.find(name => name.startsWith('fx_rates_historical.json'))
  const text = `{date: 'varchar', base_currency: 'varchar', target_currency: 'varchar', exchange_rate: 'varchar'}`
  // Not every set of exports has what users did.
  const actions = files.some(name => name.startsWith('kafka_user_actions.')) ? [] : ['create or replace view kafka_user_actions as from kafka_events where false']
  return [...csv, ...actions, `create or replace view fx_rates_historical as ${history ? `from read_json('${join(dir, history)}', columns = ${text})` : 'select null::varchar as date, null::varchar as target_currency, null::varchar as exchange_rate where false'}`]
}

const stem = (name: string): string => name.slice(0, name.indexOf('.'))
