import { describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { QueryFailed } from '../../framework/duckdb/duckdb-errors.ts'

const ROW = `(select 'O''Brien "x" canary@mail.example, 5550123456' as name, 'canary@mail.example' as mail, '2026-13-45 canary' as day, '{"a": canary' as json, 5550123456 as phone)`

/** What a failed query says, and what it says to who may see the rows. */
async function told(sql: string): Promise<{ readonly message: string; readonly citing: string; readonly everything: string }> {
  const database = await Database.open()
  try {
    const error: unknown = await database.use(async connection => {
      await connection.run(`create temp table t as from ${ROW}; create temp table u (mail varchar primary key, kind enum('a'))`)
      await connection.run(sql)
    }).catch((failure: unknown) => failure)
    expect(error).toBeInstanceOf(QueryFailed)
    const failed = error as QueryFailed
    const [message, everything] = [failed.message, `${JSON.stringify({ ...failed, statement: '' })}${failed.stack}${failed.hint}`]
    return { message, everything, citing: failed.citing().message }
  } finally {
    database.close()
  }
}

describe('[GOV-PII-5] what a query that failed says', () => {
  it.each([
    ['a cast', 'select name::int from t', 'Conversion Error: Could not convert string *** to INT32 when casting from source column name'],
    ['a day', 'select day::date from t', 'Conversion Error: date field value out of range: *** when casting from source column day'],
    ['a decimal', 'select mail::decimal(18,10) from t', 'Conversion Error: Could not convert string *** to DECIMAL(18,10) when casting from source column mail'],
    ['a number that is too large', 'select phone::int from t', 'Conversion Error: Type INT64 with value *** cannot be cast because the value is out of range for the destination type INT32 when casting from source column phone'],
    ['a sum that is too large', 'select 9223372036854775799 + phone from t', 'Out of Range Error: Overflow in addition of INT64 (*** + ***)!'],
    ['a list', 'select mail::int[] from t', 'Conversion Error: Type VARCHAR with value *** cannot be cast to the destination type INTEGER[] when casting from source column mail'],
    ['JSON', 'select json_extract(json, \'$.a\') from t', 'Invalid Input Error: Malformed JSON at byte 6 of input: unexpected character.  Input: ***'],
    ['a key that comes twice', 'insert into u select mail, \'a\' from t union all select mail, \'a\' from t', 'Constraint Error: PRIMARY KEY or UNIQUE constraint violation: duplicate key ***'],
    ['a pattern', 'select regexp_matches(\'a\', mail || \'(\') from t', 'Invalid Input Error: DuckDB\'s words may hold values, and are left out'],
    ['an error of the author\'s own', 'select error(\'Malformed JSON of \' || mail) from t', 'Invalid Input Error: DuckDB\'s words may hold values, and are left out'],
  ])('cites no value of a row: %s', async (_, sql, message) => {
    const said = await told(sql)
    expect(said.message).toBe(message)
    expect(said.everything).not.toMatch(/canary|Brien|555012/)
    expect(said.citing).toMatch(/canary|Brien|555012/)
  })

  it('names what is in the statement', async () => {
    expect((await told('select naem from t')).message).toBe('Binder Error: Referenced column "naem" not found in FROM clause!')
    expect((await told('select error(\'there is no rate for it\'\'s day\') from t')).message).toBe('Invalid Input Error: there is no rate for it\'s day')
    expect((await told('from nowhere')).message).toBe('Catalog Error: Table with name nowhere does not exist!')
  })
})
