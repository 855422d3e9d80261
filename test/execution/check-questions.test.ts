import { describe, expect, it } from 'vitest'
import type { AssetDefinition } from '../../framework/definition/asset-definition.ts'
import { between, expression, notNull, primaryKey, unique } from '../../framework/definition/common-checks.ts'
import { anomaly, fresh, noRows } from '../../framework/definition/table-checks.ts'
import { questionsOf } from '../../framework/execution/check-questions.ts'
import type { PersonalColumns } from '../../framework/execution/check-sample.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { quoteIdentifier, sql, sqlText } from '../../framework/vocabulary/sql.ts'

const CHECKS = [
  notNull('name'), unique('id'), primaryKey(['id', 'shop']), expression('small', sql`id < 150`), between('amount', { max: 100 }, { where: sql`shop = 1` }), fresh('seen_at', { within: '1d' }), fresh('born_at', { within: '1d' }),
  noRows('no refund', table => sql`select name as nobody from ${table} where refund`), anomaly('greatest', sql`max(id)`, { where: sql`shop = 2` }),
]
const definition = { key: 'silver/people' as AssetKey, checks: CHECKS } as Partial<AssetDefinition> as AssetDefinition

/** For each question that an engine elsewhere is asked: what rows it shows, and without which columns. */
const asked = (personal: PersonalColumns) => questionsOf(definition, undefined as never, new Date(0), personal).map(({ subject, text, shown }) => [subject, text.startsWith('select 1 ') ? 'how many' : shown ? [...shown.hidden].join() : 'nothing', shown && sqlText(shown.rows, quoteIdentifier)] as const)

describe('what an engine elsewhere is asked beforehand', () => {
  it('shows rows that break a promise without personal data, and none where it cannot be told whether they have any', () => {
    const told = asked({ own: new Set(['name', 'born_at']), nowhere: false })
    expect(told.map(([subject, hidden]) => `${subject} ${hidden}`)).toEqual([
      '"name is never null" name,born_at', '"id is unique" name,born_at', '"id and shop identify a row" name,born_at', '"small" name,born_at', '"amount is at most 100" how many', '"amount is at most 100" name,born_at',
      '"the newest seen_at is at most 1d old" ', '"the newest born_at is at most 1d old" nothing', '"no refund" nothing', '"greatest" how many', '"greatest" nothing',
    ])
    expect(asked({ own: undefined, nowhere: false }).every(([, , rows]) => rows === undefined)).toBe(true)
    expect(asked({ own: new Set(), nowhere: true }).find(([subject]) => subject === '"no refund"')?.[2]).toBe('select name as nobody from "silver/people" where refund')
  })

  it('shows a key that comes twice or lacks a part once', () => {
    const rows = asked({ own: new Set(), nowhere: true }).find(([subject]) => subject.includes('identify'))![2]
    expect(rows).toBe('select "id", "shop" from "silver/people" as every_row group by "id", "shop" having count(*) > 1 or not ("id" is not null and "shop" is not null)')
  })
})
