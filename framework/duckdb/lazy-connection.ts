import type { Connection } from './connection.ts'
import type { Database } from './database.ts'

/**
 * Lends a connection to work that may not need one: the database is opened by the first statement. After a failure the connection
 * is not handed on to others; it ends with the database.
 */
export async function withLazyConnection<T>(open: () => Promise<Database>, work: (connection: Pick<Connection, 'run' | 'json'>) => Promise<T>): Promise<T> {
  let lent: Promise<Connection> | undefined
  const connection = () => (lent ??= open().then(database => database.connection()))
  const answer = await work({
    run: async (...statement) => (await connection()).run(...statement),
    json: async <Row>(...statement: Parameters<Connection['json']>) => (await connection()).json<Row>(...statement),
  })
  ;(await lent)?.release()
  return answer
}
