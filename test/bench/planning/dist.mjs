import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A module of the built framework. */
export const dist = path => import(pathToFileURL(join(import.meta.dirname, '../../../dist', path)).href)
