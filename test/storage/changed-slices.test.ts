import { expect, it } from 'vitest'
import { deltaSchemaOf } from '../../framework/delta/schema.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { existingSlices } from '../../framework/partitions/slices.ts'
import { hourly } from '../../framework/partitions/time-partitions.ts'
import { slicesText } from '../../framework/partitions/slice-text.ts'
import { changedSlices } from '../../framework/storage/changed-slices.ts'

it('finds the hour of a changed row on either side of 1970', async () => {
  const database = await Database.open()
  try {
    const partitions = hourly({ column: 'at', start: '1969-12-31' })
    const rows = (...changed: readonly number[]) => `select timestamptz '1969-12-31 22:30:00+00' + to_hours(i::int) as at, case when i in (${[-1, ...changed].join(', ')}) then 1 else 0 end as n from range(4) as r(i)`
    const schema = deltaSchemaOf([{ name: 'at', type: 'TIMESTAMP WITH TIME ZONE' }, { name: 'n', type: 'INTEGER' }])
    const set = existingSlices(partitions, { now: new Date('1970-01-02T00:00:00Z') })
    const found = async (hour: number) => slicesText(partitions, await database.use(connection => changedSlices(connection, { partitions, set }, rows(), rows(hour), schema, new AbortController().signal)))
    expect(await Promise.all([0, 1, 2, 3].map(found))).toEqual(['1969-12-31T22', '1969-12-31T23', '1970-01-01T00', '1970-01-01T01'].map(hour => expect.stringContaining(hour)))
  } finally {
    database.close()
  }
})
