// A process that makes what a project needs, once for each line on its stdin, and tells each event and each result as a line of JSON.
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const { openProject } = await import(pathToFileURL(resolve(process.argv[2], 'dist/project/project.js')).href)
const tell = document => process.stdout.write(`${JSON.stringify(document)}\n`)

tell({ ready: true })
for await (const line of createInterface({ input: process.stdin })) {
  const project = await openProject({ root: process.argv[3], lake: process.argv[4], now: new Date(line) })
  try {
    const result = await project.materialize({ selection: [] }, { signal: new AbortController().signal, listen: event => event.type !== 'step-progress' && tell({ event }) })
    tell({ result })
  } finally {
    await project.close()
  }
}
