import type { Connection } from '../duckdb/connection.ts'
import { CannotWrite } from './delta-errors.ts'
import { identitiesOf } from './identity-column.ts'
import { stageMerge, type MergeHow, type MergeOptions, type StagedMerge } from './merge.ts'
import { completeRows, GENERATED, valuesGiven } from './own-values.ts'
import { fieldNamed } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import { newSchema } from './stage.ts'

/**
 * Like {@link stageMerge}, into a table that may give values to columns that the batch lacks: new rows get the next number or the default, rows that are there
 * keep theirs, and what is computed from other columns is computed anew. A number may go to no row: it is given once at most, not without gaps.
 * @throws {CannotWrite} where a batch would bring new rows with numbers of its own for a column that is generated always
 */
export async function stageMergeInto(connection: Connection, base: Snapshot, source: string, options: MergeOptions, how: MergeHow = 'auto'): Promise<StagedMerge> {
  const schema = options.schema ?? base.schema
  const names = (await connection.describe(source)).map(({ name }) => name)
  const given = valuesGiven(schema, names)
  if (given.length === 0) {
    const staged = await stageMerge(connection, base, source, options, how)
    const numberedHere = identitiesOf(schema).find(({ byDefault }) => !byDefault)
    if (numberedHere && staged.metrics.inserted > 0) throw new CannotWrite(`Column ${numberedHere.name} of ${base.root} is numbered by the table itself (generated always), but ${staged.metrics.inserted} new rows bring numbers of their own.`, `Leave ${numberedHere.name} out of the rows that are new.`)
    return staged
  }
  const { query, schemaAfter } = await completeRows(connection, base.root, schema, source)
  const updated = options.updateColumns ?? schema.fields.map(({ name }) => name)
  const updateColumns = updated.filter(name => !given.includes(name) || GENERATED in (fieldNamed(schema, name)?.metadata ?? {}))
  const staged = await stageMerge(connection, base, query, { ...options, updateColumns }, how)
  return staged.metrics.inserted === 0 ? staged : { ...staged, change: { ...staged.change, ...newSchema(base, schemaAfter(staged.metrics.sourceRows)) } }
}
