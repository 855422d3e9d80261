import { readFileSync, statSync } from 'node:fs'
import { relative } from 'node:path'
import { Ajv, type ErrorObject } from 'ajv'
import { LineCounter, isMap, parseDocument, type Document } from 'yaml'
import { ExplainedError, throwMistakes, type Place } from '../vocabulary/errors.ts'
import { didYouMean, inWords } from '../vocabulary/near-names.ts'

const LARGEST = 1024 * 1024

/**
 * Reads a YAML or JSON file and holds it against a JSON Schema. Every mistake has its file, line and column.
 * @throws {ConfigMistake} one, or several together.
 */
export function checkedFile<T>(root: string, path: string, schema: object): T {
  const file = relative(root, path)
  if (statSync(path).size > LARGEST) throw new ConfigMistake(`${file} is larger than 1 MB.`, { file }, 'Configuration is written by people; data belongs into an asset.')
  return checkedText(file, readFileSync(path, 'utf8'), schema)
}

/** Like {@link checkedFile}, of a text that is in no file, or in one of another time. */
export function checkedText<T>(file: string, text: string, schema: object): T {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const placeAt = (offset: number | undefined): Place => {
    if (offset === undefined) return { file }
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  throwMistakes(document.errors.map(error => new ConfigMistake(`${file} is not well-formed: ${error.message.replace(/\.?$/, '.')}`, placeAt(error.pos[0]), 'Mend the file at that place.')))
  const value: unknown = plainData(document, file) ?? {}
  const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, verbose: true, useDefaults: true }).compile(schema)
  if (!validate(value)) throwMistakes(told(validate.errors!).map(error => mistake(file, error, placeAt(offsetOf(document, error)))))
  return value as T
}

function plainData(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 })
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    throw new ConfigMistake(`${file} can't be unfolded: ${error.message}.`, { file, line: 1 }, 'Write out what the aliases (*name) stand for.')
  }
}

/** An alternative that failed says less than what its parts say. */
const told = (errors: readonly ErrorObject[]): ErrorObject[] => {
  const specific = errors.filter(({ keyword }) => !['anyOf', 'oneOf', 'if'].includes(keyword))
  return specific.length > 0 ? specific : [...errors]
}

function mistake(file: string, error: ErrorObject, place: Place): ConfigMistake {
  const where = error.instancePath === '' ? file : `${error.instancePath.slice(1).replaceAll('/', '.')} in ${file}`
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(error.params['additionalProperty'])
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {})
      return new ConfigMistake(`${where} has the unknown key "${name}".`, place, didYouMean(name, known, `Known here: ${inWords(known)}.`))
    }
    case 'required':
      return new ConfigMistake(`${where} lacks "${error.params['missingProperty']}".`, place, 'Add it.')
    case 'enum': {
      const values = (error.params['allowedValues'] as unknown[]).map(String)
      return new ConfigMistake(`${where} is ${JSON.stringify(error.data)}.`, place, didYouMean(String(error.data), values, `It must be ${inWords(values, 'or')}.`))
    }
    case 'pattern': {
      const meant = (error.parentSchema as { description?: string }).description
      return new ConfigMistake(`${where} is ${JSON.stringify(error.data)}${meant ? '' : `, but ${error.message}`}.`, place, meant ? `It must be ${meant.replace(/\.?$/, '.')}` : 'Change the value at that place.')
    }
    default:
      return new ConfigMistake(`${where} is ${JSON.stringify(error.data)}, but ${error.message}.`, place, 'Change the value at that place.')
  }
}

/** Where in the text the value that the error speaks of stands; of an unknown key, the key itself. */
function offsetOf(document: Document, error: ErrorObject): number | undefined {
  const path = error.instancePath.split('/').slice(1).map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  let node: unknown = document.contents
  if (path.length > 0) node = document.getIn(path.map(part => (/^\d+$/.test(part) ? Number(part) : part)), true) ?? node
  if (error.keyword === 'additionalProperties' && isMap(node)) {
    const pair = node.items.find(({ key }) => String(key) === error.params['additionalProperty'])
    node = pair?.key ?? node
  }
  return (node as { range?: readonly [number, number, number] | null } | null)?.range?.[0]
}

export class ConfigMistake extends ExplainedError {
  readonly code = 'project/bad-config'
  constructor(message: string, override readonly place: Place, readonly hint: string) {
    super(message)
  }
}
