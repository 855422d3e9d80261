import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { ContainerInstance } from 'typedi'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'

/** Definitions that know the texts of their scripts. Each is read once, so that what runs is what the code version names. */
export function withScripts(definitions: readonly AssetDefinition[], root: string): readonly AssetDefinition[] {
  return definitions.map(definition => (definition.kind === 'spark' ? withScript(definition, root) : definition))
}

/** What a script adds to an asset's code version. */
export function scriptOf(definition: AssetDefinition, services: ContainerInstance): readonly string[] | undefined {
  const body = definition.kind === 'spark' ? definition.body(services) : undefined
  return body?.kind === 'spark' ? [body.text!] : undefined
}

function withScript(definition: AssetDefinition, root: string): AssetDefinition {
  const texts = new Map<string, string>()
  return Object.freeze({ ...definition, body: (services: ContainerInstance) => {
    const body = definition.body(services)
    if (body.kind !== 'spark') return body
    const path = scriptPath(body.script, definition.place)
    let text = texts.get(path)
    if (text === undefined) texts.set(path, (text = textOf(path, root, definition)))
    return { ...body, script: path, text }
  } })
}

const scriptPath = (script: string, place: Place | undefined): string => (/^\.\.?\//.test(script) ? posix.join(posix.dirname(place?.file ?? ''), script) : script)

function textOf(path: string, root: string, definition: AssetDefinition): string {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch (error) {
    throw new ScriptMissing(definition, path, (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not there' : (error as Error).message)
  }
}

export class ScriptMissing extends ExplainedError {
  readonly code = 'project/script-missing'
  readonly hint = 'script is a path from the project\'s folder, or from the module\'s own where it begins with ./ or ../.'
  override readonly place: Place | undefined
  constructor(definition: AssetDefinition, path: string, problem: string) {
    super(`The script ${path} of ${definition.key} can't be read: ${problem}.`)
    this.place = definition.place
  }
}
