import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { comparison, interleaved, median, run, spread } from '../measure.mjs'
import { fileOf, moduleOf, NOW, randomGraph, writeProject } from './made-project.mjs'

const here = name => join(import.meta.dirname, name)
const varve = join(import.meta.dirname, '../../../dist/cli/varve.cjs')

/** What planning costs as a project grows: whole processes, against reading and hashing the same sources. */
export async function planning({ rounds = 3, sizes = [1000, 3000, 10_000] } = {}) {
  const lines = []
  for (const size of sizes) lines.push(...(await projectOf(size, rounds)))
  lines.push('', `planning: a graph without files, a third of its assets with 1,000 daily slices, ${rounds} rounds, ms`)
  for (const size of [1000, 10_000, 100_000]) {
    const told = []
    for (let round = 0; round < rounds; round += 1) told.push(JSON.parse((await run([here('graph-only.mjs'), String(size)])).out))
    const of = what => spread(told.map(each => each[what]))
    lines.push(`  ${size.toLocaleString('en')} assets: graph ${of('graphMs')}, plan of nothing ${of('planMs')}, plan after one edit ${of('editMs')}`)
  }
  lines.push('', `runs of assets that do nothing, ${rounds} rounds`)
  const empty = []
  const waiting = []
  for (let round = 0; round < rounds; round += 1) {
    empty.push(JSON.parse((await run([here('runs.mjs'), '1000', '0', '4'])).out).durationMs / 1000)
    waiting.push(JSON.parse((await run([here('runs.mjs'), '300', '1000', '300'])).out).durationMs)
  }
  lines.push(`  1,000 that do nothing: ${spread(empty, 2)} ms each; aim 3`, `  300 that wait for a second, all at once: ${spread(waiting)} ms; aim 1,500`)
  return lines
}

async function projectOf(size, rounds) {
  const root = mkdtempSync(join(tmpdir(), 'varve-bench-planning-'))
  const lake = join(root, 'lake')
  try {
    const graph = randomGraph(size)
    writeProject(root, graph)
    await run([here('fill-lake.mjs'), root, lake, String(size)])
    const plan = expected => async () => {
      const told = await run([varve, 'plan', '--lake', lake, '--now', NOW], { cwd: root })
      if (told.out.includes('nothing to do') !== (expected === 'nothing')) throw new Error(`Another plan was expected:\n${told.out}`)
      return told
    }
    // Near the end of the graph, where few are downstream, as most edits are.
    const asset = graph.at(-Math.ceil(size / 100))
    const edit = text => writeFileSync(fileOf(root, asset), moduleOf(asset, text))
    let edits = 0
    const measured = await interleaved({
      'read and hash the sources': () => run([here('floor.mjs'), root]),
      'load the project': () => run([here('load-only.mjs'), root, lake]),
      'plan of nothing': plan('nothing'),
      'plan after one edit': async () => {
        edit(` + ${(edits += 1)}`)
        const told = await plan('a step')()
        edit('')
        await plan('nothing')()
        return told
      },
      'first plan, no cache': async () => {
        rmSync(join(root, '.varve', 'cache'), { recursive: true, force: true })
        return plan('nothing')()
      },
    }, { rounds })
    const over = median(measured['plan after one edit'].map(({ wall }, i) => wall - measured['plan of nothing'][i].wall))
    return ['', `planning: ${size.toLocaleString('en')} SQL assets in as many files, 10 columns each, a third with 1,000 daily slices, ${rounds} rounds`, ...comparison(measured), `  an edit costs ${Math.round(over)} ms over nothing`]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
