import { afterAll, beforeAll } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { Translator } from '../../framework/engines/translator.ts'
import { LocalTrino } from './local-trino.ts'

/** What the tests of a file compare Trino's answers with DuckDB's by; started before them and closed after them. */
export interface OnTrino {
  readonly trino: LocalTrino
  readonly database: Database
  readonly translator: Translator
}

export function onTrino(): OnTrino {
  const parts = { translator: new Translator() } as { trino: LocalTrino; database: Database; translator: Translator }
  beforeAll(async () => {
    parts.trino = new LocalTrino()
    parts.database = await Database.open()
  })
  afterAll(() => {
    parts.trino.close()
    parts.translator.close()
    parts.database.close()
  })
  return parts
}
