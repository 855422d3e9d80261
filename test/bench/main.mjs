import { assets } from './assets.mjs'
import { checks } from './checks.mjs'
import { delta } from './delta/delta.mjs'
import { jobs } from './jobs.mjs'
import { lineage } from './lineage/lineage.mjs'
import { machine } from './measure.mjs'
import { planning } from './planning/planning.mjs'
import { platform, wholePlatform } from './platform.mjs'
import { secondDay } from './second-day.mjs'
import { start } from './start.mjs'

const benches = { platform, 'whole-platform': wholePlatform, 'second-day': secondDay, assets, start, planning, lineage, delta, checks, jobs }
const [name = '', rounds] = process.argv.slice(2)
const options = rounds === undefined ? {} : { rounds: Number(rounds) }
if (name !== '' && !(name in benches)) throw new Error(`There is no benchmark ${name}: ${Object.keys(benches).join(', ')}`)

console.log(`${new Date().toISOString().slice(0, 10)}, ${machine()}`)
for (const [each, bench] of Object.entries(benches)) if (name === '' || name === each) console.log((await bench(options)).join('\n'))
