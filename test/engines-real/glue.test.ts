import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { GlueCatalog } from '../../framework/engines/glue-catalog.ts'
import { CREDENTIALS, Moto, REGION } from './moto.ts'

let moto: Moto

beforeAll(async () => {
  moto = await Moto.start()
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, AWS_REGION: REGION })) vi.stubEnv(name, value)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await moto.stop()
})

const catalog = () => new GlueCatalog({ database: 'lake_{layer}', region: REGION, glueEndpoint: moto.endpoint, poll: { first: 10, most: 40 } })
const ORDERS = { asset: 'silver/orders', location: 's3://lake/silver/orders', columns: [{ name: 'Id', type: 'BIGINT' }, { name: 'lines', type: 'STRUCT(sku VARCHAR, amount DECIMAL(10,2))[]' }, { name: 'seen', type: 'TIMESTAMP WITH TIME ZONE' }] }

it('tables are made known to moto\'s Glue, follow their schema, and keep what others wrote to them', async () => {
  expect([await catalog().register(ORDERS), await catalog().register(ORDERS)]).toEqual(['created', 'same'])
  expect(await catalog().find({ database: 'lake_silver', table: 'orders' })).toMatchObject({ TableType: 'EXTERNAL_TABLE', Parameters: { table_type: 'DELTA' }, StorageDescriptor: { Location: 's3://lake/silver/orders/', Columns: [{ Name: 'id', Type: 'bigint' }, { Name: 'lines', Type: 'array<struct<sku:string,amount:decimal(10,2)>>' }, { Name: 'seen', Type: 'timestamp' }] } })
  expect(await catalog().register({ ...ORDERS, columns: [...ORDERS.columns, { name: 'note', type: 'VARCHAR' }] })).toBe('updated')
  expect((await catalog().find({ database: 'lake_silver', table: 'orders' }))!.StorageDescriptor!.Columns).toHaveLength(4)
  await expect(catalog().register({ ...ORDERS, location: 's3://other/silver/orders' })).rejects.toMatchObject({ code: 'engines/glue-name-taken' })
})

it('tables that are lent come and go, and two that register at once agree', async () => {
  const name = { database: 'lake_silver', table: 'varve_lent' }
  await catalog().lend(name, 's3://lake/in', [{ name: 'id', type: 'INTEGER' }])
  expect((await catalog().find(name))!.StorageDescriptor!.SerdeInfo!.SerializationLibrary).toContain('ParquetHiveSerDe')
  await catalog().forget(name)
  await catalog().forget(name)
  expect(await catalog().find(name)).toBeUndefined()
  const both = await Promise.all([1, 2].map(() => catalog().register({ ...ORDERS, asset: 'gold/orders', location: 's3://lake/gold/orders' })))
  expect(both.filter(done => done === 'created')).toHaveLength(1)
})
