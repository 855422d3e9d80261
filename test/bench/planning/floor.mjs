// The floor: reads and hashes the sources of a project, and does nothing else. argv: the project's root.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(process.argv[2], 'assets/silver')
for (const name of readdirSync(folder)) createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')
