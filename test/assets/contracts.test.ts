import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { contractSchema } from '../../framework/definition/contract-schema.ts'
import { sqlType, type Contract } from '#framework'

const FOLDER = join(import.meta.dirname, '../../config/schema_definitions')
const SAMPLE = join(import.meta.dirname, '../../../shared/data/sample')
const valid = new Ajv({ useDefaults: true, allErrors: true }).compile<Contract & { source: string, table: string }>(contractSchema)
const read = (file: string) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Contract & { source: string, table: string }

describe.each(readdirSync(FOLDER).map(file => [file] as const))('[Q4-c] the contract %s', file => {
  const contract = read(file)

  it('is valid, and named as its file', () => {
    expect([valid(contract), valid.errors]).toEqual([true, null])
    expect(basename(file, '.json')).toBe(`${contract.source}_${contract.table}_bronze`)
    expect(contract.name).toBe(basename(file, '.json'))
  })

  it('names each column once, in snake_case, with a type that SQL knows, and its key among them as required', () => {
    const names = contract.columns.map(({ name, as }) => as ?? name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
    for (const { type } of contract.columns) expect(() => sqlType(type)).not.toThrow()
    const required = contract.columns.filter(column => column.required).map(({ name, as }) => as ?? name)
    expect(required).toEqual(expect.arrayContaining([...contract.primaryKey]))
  })

  it.skipIf(!existsSync(SAMPLE) || contract.source === 'hubspot')('[SRC-CRM-1] holds every column of the source and no other', () => {
    // Of user actions the sample has none; every topic's messages have the same columns.
    const stem = join(SAMPLE, `${contract.source}_${contract.table === 'user_actions' ? 'events' : contract.table}`)
    const columns = existsSync(`${stem}.csv`) ? firstLine(`${stem}.csv`).split(',') : Object.keys(JSON.parse(firstLine(`${stem}.json`)) as object)
    expect(contract.columns.map(({ name }) => name)).toEqual(columns)
  })
})

describe('the schema of contracts', () => {
  const contract = read('fx_rates_bronze.json')
  const refuses = (change: object, where: string) => {
    expect(valid({ ...structuredClone(contract), ...change })).toBe(false)
    expect(valid.errors!.map(({ instancePath }) => instancePath)).toContain(where)
  }

  it('[Q3-b] refuses a type that no table can have, and says where', () => {
    refuses({ columns: [{ name: 'a', type: 'varchar' }, { name: 'b', type: 'strnig' }] }, '/columns/1/type')
    refuses({ columns: [{ name: 'a', type: 'decimal(99,2)' }] }, '/columns/0/type')
  })

  it('refuses a version that is not semantic, a key without columns, and a property it does not know', () => {
    refuses({ version: '1.0' }, '/version')
    refuses({ primaryKey: [] }, '/primaryKey')
    refuses({ colums: [] }, '')
  })

  it('fills in what may be left out', () => {
    const short = { ...structuredClone(contract), columns: [{ name: 'a', type: 'bigint' }] }
    expect(valid(short)).toBe(true)
    expect(short.columns).toEqual([{ name: 'a', type: 'bigint', required: false, tags: [] }])
  })
})

const firstLine = (file: string): string => readFileSync(file, 'utf8').split('\n', 1)[0]!
