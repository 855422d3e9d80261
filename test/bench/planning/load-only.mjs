// Loads a project, and tells how long it took: its modules, its graph, its code versions. argv: the project's root, the lake.
import { dist } from './dist.mjs'

const [root, lake] = process.argv.slice(2)
const { openProject } = await dist('project/project.js')
await (await openProject({ root, lake })).close()
