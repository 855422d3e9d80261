import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Ajv } from 'ajv'
import { afterAll, describe, expect, it } from 'vitest'
import { contractSchema } from '../../framework/definition/contract-schema.ts'
import { draftContract, type DraftOptions } from '../../framework/project/draft-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-draft-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const valid = new Ajv({ strict: true, useDefaults: true }).compile(contractSchema)

async function drafted(name: string, text: string, options: DraftOptions = {}) {
  const path = join(folder, name)
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text)
  const contract = await draftContract(path, options)
  expect([valid(structuredClone(contract)), valid.errors]).toEqual([true, null])
  return contract
}
const types = ({ columns }: Awaited<ReturnType<typeof drafted>>) => Object.fromEntries(columns.map(({ name, type }) => [name, type]))

describe('a contract that is drafted from a file', () => {
  it('[Q4-c] has the narrowest types that every value can be read as, not only the first', async () => {
    const row = (i: number, last: boolean) => [`R-${i}`, i, last ? 'twelve' : i, `${i}.5`, last ? '1.123456789' : '2.5', i % 2 === 0, `2026-03-0${(i % 9) + 1}`, '03/01/2026 10:30', `00${i}`, '', last ? '99999999999999999999' : 7]
    const lines = Array.from({ length: 900 }, (_, i) => row(i, i === 899).join(','))
    const contract = await drafted('shop_returns.csv.gz', `return_id,qty,mixed,money,ratio,open,day,at,zip,nothing,huge\n${lines.join('\n')}\n`)
    expect(types(contract)).toEqual({ return_id: 'varchar', qty: 'bigint', mixed: 'varchar', money: 'decimal(18,2)', ratio: 'double', open: 'boolean', day: 'date', at: 'timestamptz', zip: 'varchar', nothing: 'varchar', huge: 'decimal(22,2)' })
    expect(contract).toMatchObject({ name: 'shop_returns_bronze', version: '1.0.0', source: 'shop', table: 'returns', primaryKey: ['return_id'] })
    expect(contract.columns.filter(({ required }) => required).map(({ name }) => name)).toEqual(['return_id'])
  })

  it('names columns as our tables do, and marks what looks like personal data', async () => {
    const contract = await drafted('crm_leads.json', '[{"Id":"1","AccountName":"x","E-Mail":"a@b.c","HomePhone":"1","e mail":null},{"Id":"2","Nested":{"a":1}}]')
    expect(contract.columns.map(({ name, as, tags }) => [name, as, tags])).toEqual([['Id', 'id', undefined], ['AccountName', 'account_name', undefined], ['E-Mail', 'e_mail', ['pii:email']], ['HomePhone', 'home_phone', ['pii:phone']], ['e mail', 'e_mail_2', ['pii:email']], ['Nested', 'nested', undefined]])
    expect(contract.primaryKey).toEqual(['id'])
  })

  it('has a key of several columns where none names a row alone, or the one that it is told', async () => {
    const text = 'day,pair,rate\n2026-01-01,a,1.5\n2026-01-01,b,1.5\n2026-01-02,a,1.5\n2026-01-02,b,1.6\n'
    expect((await drafted('fx_rates.csv', text)).primaryKey).toEqual(['day', 'pair'])
    expect((await drafted('fx_rates.csv', text, { key: ['day'], source: 'vendor', table: 'daily' }))).toMatchObject({ name: 'vendor_daily_bronze', primaryKey: ['day'] })
  })

  it('is drafted of a header alone, and of names that could break out of SQL', async () => {
    expect(types(await drafted('a_b.csv', 'id,x\n'))).toEqual({ id: 'varchar', x: 'varchar' })
    expect((await drafted('9.jsonl', '{"a\\"; drop table x; --":1,"\'":"2"}\n')).columns.map(({ as, type }) => [as, type])).toEqual([['a_drop_table_x', 'bigint'], ['c_column', 'bigint']])
  })
})
