import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import type { SqlDialect } from '../engines/dialect.ts'
import { SecretInJob } from '../engines/engine-errors.ts'
import type { AuthoredWork } from '../engines/engine.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { revealed, secretsIn } from '../vocabulary/sql.ts'

export const hasSecrets = (work: AuthoredWork): boolean => work.kind === 'query' && [work.query, work.own].some(query => query !== undefined && secretsIn(query).length > 0)

/** Has an engine do an author's work. The secrets of its query are known to the engine, and to no message of it. @throws {SecretInJob} */
export async function keepingSecrets<T>(work: AuthoredWork, { dialect, subject }: { readonly dialect: SqlDialect; readonly subject: string }, does: (told: AuthoredWork) => Promise<T>): Promise<T> {
  const secrets = work.kind === 'query' ? [...secretsIn(work.query), ...(work.own ? secretsIn(work.own) : [])] : []
  if (work.kind !== 'query' || secrets.length === 0) return does(work)
  // What a job on other machines is asked is kept as text beside the lake.
  if (dialect !== 'duckdb') throw new SecretInJob(subject, secrets[0]!.name)
  try {
    return await does({ ...work, query: revealed(work.query), own: work.own && revealed(work.own) })
  } catch (error) {
    throw hiding(error as Error, text => secrets.reduce((hidden, secret) => secret.hiddenIn(hidden), text))
  }
}

function hiding(error: Error, hidden: (text: string) => string): Error {
  if (error instanceof QueryFailed) return new QueryFailed(hidden(error.message), hidden(error.statement))
  if (hidden(`${error.message} ${error.stack}`) === `${error.message} ${error.stack}` && !(error instanceof ExplainedError)) return error
  return Object.defineProperties(error, { message: { value: hidden(error.message) }, stack: { value: hidden(error.stack ?? '') } })
}
