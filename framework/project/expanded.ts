import { ExplainedError } from '../vocabulary/errors.ts'

/** The text with `${NAME}` and `${NAME:-default}` replaced by what the environment says. An empty variable counts as none where there is a default. */
export const expanded = (text: string, environment: NodeJS.ProcessEnv, where: string): string =>
  text.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g, (_, name: string, otherwise: string | undefined) => {
    const value = environment[name]
    if (otherwise !== undefined) return value || otherwise
    if (value === undefined) throw new UnsetVariable(name, where)
    return value
  })

export class UnsetVariable extends ExplainedError {
  readonly code = 'project/unset-variable'
  readonly hint: string
  constructor(readonly variable: string, where: string) {
    super(`${where} in the configuration reads \${${variable}}, which the environment does not set.`)
    this.hint = `Set it, or write a default: \${${variable}:-...}.`
  }
}
