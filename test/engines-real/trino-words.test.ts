import { describe, expect, it } from 'vitest'
import { decimalOf, failedCasts, sql, trimmed, type SqlFragment } from '#framework'
import { hashed, maskEmail, maskName, maskPhone } from '#resources/pii/masks'
import { surrogateKey } from '#resources/sql/surrogate-key'
import { tidy, tidyCode, tidyEmail } from '#resources/sql/tidy'
import { foreignQuery } from '../../framework/engines/foreign-query.ts'
import { quoteIdentifier, quoteLiteral, sqlText } from '../../framework/vocabulary/sql.ts'
import { relationOf } from './local-trino.ts'
import { onTrino } from './on-trino.ts'

const TEXTS = [
  'user@example.com', 'a.b+c@mail.example.co.uk', 'x@y', '@example.com', 'two@at@example.com', 'ünï@example.com', 'user@example.com ', 'user@exa mple.com', 'user@example.com\nx',
  '123-456-7890', '+49 (30) 1234567 ext. 12', '+1 555 0100 x7', '12345', '1234567890123456', '٠١٢٣٤٥٦٧', '555.010.0199#4', '5550100EXT9\n', 'call 5550100',
  'John Doe', 'jean-luc picard', '  Ann \t Lee  ', '李 明', 'J', 'J Q Public', 'o\'Neil Ünal', 'É. Zola', 'Ǆ Test', '😀 Smith', 'x\u00a0y', 'a\u200bb c', '***', '', ' ', 'ß İ ſ', 'it\'s \\d "q"', 'Ａｂ ｃ',
]

const EXPRESSIONS: Readonly<Record<string, SqlFragment>> = {
  maskEmail: maskEmail(sql`s`), 'maskEmail, nothing kept': maskEmail(sql`s`, 0), maskPhone: maskPhone(sql`s`), 'maskPhone, two kept': maskPhone(sql`s`, 2), 'maskPhone, nothing kept': maskPhone(sql`s`, 0),
  maskName: maskName(sql`s`), 'maskName, nothing kept': maskName(sql`s`, 0), hashed: hashed(sql`s`, 'a salt'), 'hashed number': hashed(sql`n`, 'a salt'),
  trimmed: trimmed(sql`s`), tidy: tidy(sql`s`), surrogateKey: surrogateKey(sql`coalesce(s, 'none')`),
  // Letters beyond ASCII are each engine's own: see lowered.
  tidyEmail: tidyEmail(sql`case when regexp_matches(s, '^[a-zA-Z@. 0-9]*') and length(s) < 12 then replace(replace(s, 'İ', ''), 'ß', '') end`), tidyCode: tidyCode(sql`case when n < 10 then s end`),
  decimalOf: decimalOf(sql`d`, 18, 2), 'decimalOf, whole': decimalOf(sql`d`, 10, 0), 'decimalOf, short': decimalOf(sql`d`, 4, 2),
  failedCasts: failedCasts([{ name: 'd"', text: sql`replace(s, '😀', '')`, value: decimalOf(sql`d`, 4, 2) }, { name: 'two', text: sql`replace(s, '😀', '') || '!'`, value: sql`case when n < 12 then n end` }]),
}

const on = onTrino()

describe('what this project says in words of Trino', () => {
  it('gives the same there as in DuckDB: masks, tidied texts, keys, decimals', async () => {
    const differences = await on.database.use(async connection => {
      await connection.run(`create or replace temp table t as select * from (values ${[...TEXTS, null].map((text, i) => `(${i}, ${text === null ? 'null' : quoteLiteral(text)}, ${DOUBLES[i % DOUBLES.length]!}::double)`).join(', ')}) as v(n, s, d)`)
      await on.trino.load(connection, { table: 't', query: 'from t' })
      const found: Record<string, unknown> = {}
      for (const [name, expression] of Object.entries(EXPRESSIONS)) {
        const query = sql`select n, ${expression} as x from t`
        const text = await foreignQuery(query, { subject: name, to: 'trino', guard: { json: asked => connection.json(asked) }, translator: on.translator })
        found[name] = await on.trino.run(text).then(
          answer => connection.json(`select here.n, t.s, here.x::varchar as here, there.x::varchar as there from (${sqlText(query, quoteIdentifier)}) as here join (${relationOf(answer)}) as there on there.n = here.n join t on t.n = here.n where here.x is distinct from there.x`),
          error => [(error as Error).message])
      }
      return found
    })
    expect(differences).toEqual(Object.fromEntries(Object.keys(EXPRESSIONS).map(name => [name, []])))
  })
})

const DOUBLES = ['0.005', '-0.005', '2.675', '1.005', '-2.5', '0', '1e6', '123456.785', '0.1', '99.995', "'nan'", "'inf'", "'-inf'", '1e17', '-1e16', '9999999999999998', '1e300', '99.994']
