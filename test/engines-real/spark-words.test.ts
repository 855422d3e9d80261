import { expect, it } from 'vitest'
import { decimalOf, failedCasts, sql, type SqlFragment } from '#framework'
import { failedMoney, money } from '#resources/sql/money'
import { storableTypeText } from '../../framework/duckdb/storable-type.ts'
import { foreignQuery } from '../../framework/engines/foreign-query.ts'
import { quoteIdentifier, sqlText } from '../../framework/vocabulary/sql.ts'
import { onSpark } from './on-spark.ts'

const on = onSpark()

const EXPRESSIONS: Readonly<Record<string, SqlFragment>> = {
  decimalOf: decimalOf(sql`d`, 18, 2), 'decimalOf, whole': decimalOf(sql`d`, 10, 0), 'decimalOf, short': decimalOf(sql`d`, 4, 2), money: money('d'),
  failedCasts: failedCasts([{ name: 'd"', text: sql`s`, value: decimalOf(sql`d`, 4, 2) }, { name: 'two', text: sql`s || '!'`, value: sql`case when n < 12 then n end` }]),
  // How an engine writes a double is its own; whether it is money is not.
  failedMoney: sql`${failedMoney('d')} is null`,
}
const DOUBLES = ['0.005', '-0.005', '2.675', '1.005', '-2.5', '0', '1e6', '123456.785', '0.1', '99.995', '99.994', "'nan'", "'inf'", "'-inf'", '1e17', '-1e16', '9999999999999998', '1e300', 'null']

it('what this project says in words of Spark gives the same there as in DuckDB: amounts, and what is none', async () => {
  const differences = await on.database.use(async connection => {
    await connection.run(`create or replace temp table t as select *, case when n = 3 then '{"d": "x"}' end as _cast_failed from (values ${DOUBLES.map((double, i) => `(${i}, ${i % 5 === 4 ? 'null' : `'Ünï "${i}"'`}, ${double}::double)`).join(', ')}) as v(n, s, d)`)
    await on.load(connection, ['t'])
    const query = sql`select n, ${Object.entries(EXPRESSIONS).reduce((all, [name, expression]) => sql`${all}, ${expression} as ${{ column: name }}`, sql`d`)} from t`
    const text = await foreignQuery(query, { subject: 'amounts', to: 'spark', guard: { json: asked => connection.json(asked) }, translator: on.translator })
    const here = sqlText(query, quoteIdentifier)
    const there = await on.answer(text, (await connection.describe(here)).map(({ name, type }) => ({ name, type: storableTypeText(type) })))
    return Promise.all(Object.keys(EXPRESSIONS).map(async name => [name, await connection.json(`select here.n, here.d::varchar as d, here."${name.replaceAll('"', '""')}"::varchar as here, there."${name.replaceAll('"', '""')}"::varchar as there from (${here}) as here join (${there}) as there using (n) where here."${name}" is distinct from there."${name}"`)]))
  })
  expect(Object.fromEntries(differences)).toEqual(Object.fromEntries(Object.keys(EXPRESSIONS).map(name => [name, []])))
})
