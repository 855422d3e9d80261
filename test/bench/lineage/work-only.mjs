// Loads a project, and tells what its column lineage took after that, kept or not, and what it took to put it into words. argv: the project's root.
import { dist } from '../planning/dist.mjs'

const [root] = process.argv.slice(2)
const { openProject } = await dist('project/project.js')
const { lineageDocument } = await dist('cli/views/lineage-view.js')
const { document } = await dist('cli/views/document.js')

async function took(work) {
  const [begun, used] = [performance.now(), process.cpuUsage()]
  const made = await work()
  const { user, system } = process.cpuUsage(used)
  return { made, wall: performance.now() - begun, cpu: (user + system) / 1000 }
}

const project = await openProject({ root })
const { made: graph, ...lineage } = await took(() => project.columnLineage())
const { made: _text, ...text } = await took(() => document(lineageDocument(graph)))
console.log(JSON.stringify({ lineage, text, columnEdges: graph.columnEdges.length }))
await project.close()
