import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { comparison, interleaved, run, spread } from '../measure.mjs'
import { randomGraph, writeProject } from '../planning/made-project.mjs'

const varve = join(import.meta.dirname, '../../../dist/cli/varve.cjs')
const here = name => join(import.meta.dirname, name)

/** What column lineage costs: of a cold project, from cache, and in whole processes against reading and hashing the same sources. */
export async function lineage({ rounds = 5, size = 1000 } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'varve-bench-lineage-'))
  try {
    writeProject(root, randomGraph(size))
    const told = { cold: [], kept: [] }
    const columns = async () => {
      const { out, ...used } = await run([varve, 'lineage', '--columns', '--format', 'json'], { cwd: root })
      if (!out.includes('"columnEdges"')) throw new Error(`No column lineage:\n${out.slice(0, 1000)}`)
      return used
    }
    const forget = () => {
      for (const kept of ['column-lineage.json', 'column-graph.json']) rmSync(join(root, '.varve', 'cache', kept))
    }
    const work = async kind => told[kind].push(JSON.parse((await run([here('work-only.mjs'), root])).out))
    await columns()
    const measured = await interleaved({
      'read and hash the sources': () => run([here('../planning/floor.mjs'), root]),
      'varve lineage': () => run([varve, 'lineage', '--format', 'json'], { cwd: root }),
      'varve lineage --columns': columns,
      'the same, no lineage kept': async () => {
        forget()
        return columns()
      },
      'the same, no cache at all': async () => {
        rmSync(join(root, '.varve'), { recursive: true })
        return columns()
      },
    }, { rounds })
    for (let round = 0; round < rounds; round += 1) {
      forget()
      await work('cold')
      await work('kept')
    }
    const of = (kind, part) => `${spread(told[kind].map(each => each[part].wall))} ms by the clock, ${spread(told[kind].map(each => each[part].cpu))} of the processors`
    return [
      `lineage: ${size.toLocaleString('en')} SQL assets of 10 columns, ${told.kept[0].columnEdges.toLocaleString('en')} column edges, ${rounds} rounds`,
      ...comparison(measured),
      '  in a process that has loaded the project:',
      `    bound anew: ${of('cold', 'lineage')}. Aim: 5,000`,
      `    as it was kept: ${of('kept', 'lineage')}. Aim: 300`,
      `    put into JSON: ${of('kept', 'text')}`,
    ]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
