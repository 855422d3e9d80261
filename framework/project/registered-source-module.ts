import type { RegisteredSource } from '../definition/registered-source.ts'
import { ExplainedError } from '../vocabulary/errors.ts'

/** What the module of `sources.reader` exports as `registered`. @throws {NoRegisteredSource} */
export function registeredSource(path: string, exported: Readonly<Record<string, unknown>> | undefined): RegisteredSource {
  const found = exported?.['registered'] as RegisteredSource | undefined
  if (typeof found?.files !== 'function') throw new NoRegisteredSource(path)
  return found
}

export class NoRegisteredSource extends ExplainedError {
  readonly code = 'project/no-registered-source'
  readonly hint = 'Export it as in resources/sources/registered.ts: export const registered: RegisteredSource = { files: … }'
  constructor(readonly path: string) {
    super(`${path} is named as sources.reader, but exports no \`registered\` with a method files.`)
  }
}
