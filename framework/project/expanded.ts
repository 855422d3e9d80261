import { ExplainedError } from '../vocabulary/errors.ts'

/** The text with `${NAME}` and `${NAME:-default}` replaced by what the environment says. An empty variable counts as none where there is a default. */
export const expanded = (text: string, environment: NodeJS.ProcessEnv, where: string): string =>
  text.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g, (_, name: string, otherwise: string | undefined) => {
    const value = environment[name]
    if (otherwise !== undefined) return value || otherwise
    if (value === undefined) throw new UnsetVariable(name, where)
    return value
  })

/** A configuration with all of its texts {@link expanded}. One that comes to nothing counts as not written. @throws {UnsetVariable} */
export function withVariables(value: unknown, environment: NodeJS.ProcessEnv, where = ''): unknown {
  if (typeof value === 'string') return value.includes('${') ? expanded(value, environment, where) || undefined : value
  if (Array.isArray(value)) return value.map((each, i) => withVariables(each, environment, `${where}[${i}]`)).filter(each => each !== undefined)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, each]) => [name, withVariables(each, environment, where === '' ? name : `${where}.${name}`)] as const)
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined))
}

export class UnsetVariable extends ExplainedError {
  readonly code = 'project/unset-variable'
  readonly hint: string
  constructor(readonly variable: string, where: string) {
    super(`${where} in the configuration reads \${${variable}}, which the environment does not set.`)
    this.hint = `Set it, or write a default: \${${variable}:-...}.`
  }
}
