import { expect, it } from 'vitest'
import { oddExpressions } from './odd-expressions.ts'
import { oddFindings } from './odd-findings.ts'
import { ODD_QUERIES } from './odd-queries.ts'
import { ODD_ROWS } from './odd-rows.ts'
import { relationOf } from './local-trino.ts'
import { onTrino } from './on-trino.ts'

const on = onTrino()

it('gives in Trino what it gives in DuckDB, however odd, or is refused', async () => {
  const found = await on.database.use(async connection => {
    await connection.run(ODD_ROWS)
    for (const table of ['r', 'q']) await on.trino.load(connection, { table, query: `from ${table}` })
    return oddFindings(connection, { expressions: oddExpressions(Number(process.env['VARVE_SEED'] ?? 7), 500), queries: ODD_QUERIES }, {
      to: 'trino', translator: on.translator,
      async answer(text, columns) {
        const answer = await on.trino.run(text)
        const names = answer.columns.map(({ name }) => name.toLowerCase()).join()
        if (names !== columns.map(({ name }) => name.toLowerCase()).join()) throw new Error(`columns: ${names}`)
        return relationOf(answer)
      },
    })
  })
  expect(found.otherwise).toEqual([])
  expect(Math.min(found.accepted, found.refused)).toBeGreaterThan(100)
}, 900_000)
