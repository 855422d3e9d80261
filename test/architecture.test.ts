import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/** The floors of the house, from the roof down. A room may import only from floors below its own, and from itself. */
const FLOORS = [
  ['cli', 'ui'],
  ['project'],
  ['automation'],
  ['execution'],
  ['planning', 'storage'],
  ['graph', 'engines', 'delta', 'state'],
  ['definition'],
  ['partitions', 'duckdb', 'objects'],
  ['vocabulary'],
]

const floorOf = (room: string) => FLOORS.findIndex(rooms => rooms.includes(room))
const sourcesBelow = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => /\.[cm]?ts$/.test(file) && !file.includes('node_modules') && !file.includes('template')).sort()
const importsOf = (path: string) => [...readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name!)

/** The rooms that a file reaches into although they are not below its own. The authors' face is handed to their bundles by project/. */
function forbidden(root: string, file: string, imports: readonly string[]): string[] {
  const room = file.split('/')[0]!
  return imports
    .filter(name => name.startsWith('.'))
    .map(name => relative(root, resolve(root, dirname(file), name)).split('/')[0]!)
    .filter(other => other !== room && !(other === 'index.ts' && room === 'project') && (other.startsWith('..') || floorOf(other) <= floorOf(room)))
}

describe('the house', () => {
  const root = resolve('framework')
  const files = sourcesBelow(root).filter(file => file.includes('/'))

  it('has no room that is on no floor', () => {
    expect(files.filter(file => floorOf(file.split('/')[0]!) < 0)).toEqual([])
  })

  it('has imports that only go down', () => {
    const upward = files.flatMap(file => forbidden(root, file, importsOf(join(root, file))).map(other => `${file} must not import from ${other}`))
    expect(upward).toEqual([])
  })

  it('sees an import that goes up or sideways', () => {
    expect(forbidden(root, 'delta/snapshot.ts', ['../storage/table-store.ts', '../engines/engine.ts', '../duckdb/database.ts', './actions.ts'])).toEqual(['storage', 'engines'])
  })

  it('has rooms below definition that never heard of assets', () => {
    const rooms = new Set(['engines', 'delta', 'state', 'duckdb', 'partitions', 'objects'])
    const heard = files.filter(file => rooms.has(file.split('/')[0]!) && importsOf(join(root, file)).some(name => name.includes('/definition/')))
    expect(heard).toEqual([])
  })

  it('looks for files beside its modules by the name of their room, which is right from where they are packed as well', () => {
    const sought = files.flatMap(file => [...readFileSync(join(root, file), 'utf8').matchAll(/new URL\('([^']+)', import\.meta\.url\)/g)].map(([, path]) => ({ file, path: path! })))
    expect(sought.length).toBeGreaterThan(0)
    expect(sought.filter(({ file, path }) => path !== '../../package.json' && !path.startsWith(`../${file.split('/')[0]}/`))).toEqual([])
  })

  it('names concrete engines, stores and logs in project/ only', () => {
    const concrete = /\/(duckdb-engine|athena-engine|emr-serverless-engine|local-log-store|s3-log-store|s3-object-store|memory-log-store|sqlite-event-log|memory-event-log)\.ts$/
    const namers = files.filter(file => importsOf(join(root, file)).some(name => concrete.test(name)) && !file.startsWith('project/') && !['delta', 'state', 'engines', 'objects'].includes(file.split('/')[0]!))
    expect(namers).toEqual([])
  })
})

describe('the platform', () => {
  it('has assets that import the framework, resources and other assets, and nothing else of ours', () => {
    const strays = sourcesBelow('assets').flatMap(file => importsOf(join('assets', file)).filter(name => name.startsWith('.') || (name.startsWith('#') && !/^#(framework$|assets\/|resources\/)/.test(name))).map(name => `assets/${file}: ${name}`))
    expect(strays).toEqual([])
  })

  it('has resources that do not know the assets', () => {
    const strays = sourcesBelow('resources').flatMap(file => importsOf(join('resources', file)).filter(name => name.startsWith('#assets')).map(name => `resources/${file}: ${name}`))
    expect(strays).toEqual([])
  })

  it('has the top level that the house page draws', () => {
    const listed = readdirSync('.').filter(name => !name.startsWith('.') && !['node_modules', 'dist', 'coverage'].includes(name)).sort()
    expect(listed).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'assets', 'config', 'docs', 'framework', 'package-lock.json', 'package.json', 'resources', 'test', 'tsconfig.json'])
  })
})
