import type { Connection } from '../duckdb/connection.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { fileKey, type AddFile } from './actions.ts'
import { BrokenRule, CannotWrite } from './delta-errors.ts'
import { identitiesOf, identitySql, type IdentityColumn } from './identity-column.ts'
import { GENERATED } from './own-values.ts'
import { duckdbType } from './schema.ts'
import { isStruct, physicalName, type StructType } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import { duckdbExpression } from './spark-expression.ts'
import { statsOf, type FileStats, type StatValue } from './summaries.ts'
import { checkLengths } from './text-lengths.ts'

/** Something that every row of a table must be. */
type Rule =
  | { readonly kind: 'not null'; readonly path: readonly string[]; readonly physical: readonly string[] }
  /** A condition in Spark's SQL: a CHECK constraint, an invariant, or what a generated column must equal. */
  | { readonly kind: 'condition'; readonly name: string; readonly spark: string; readonly equals?: { readonly column: string; readonly type: string } | undefined }

/**
 * Holds new files against the table's rules: NOT NULL by their statistics where these tell, conditions by a scan of the new files only.
 * A table with new conditions is held against them as a whole. @throws {BrokenRule} naming the rule, {CannotWrite} where a rule cannot be understood
 */
export async function checkRules(connection: Connection, candidate: Snapshot, base: Snapshot | undefined, adds: readonly AddFile[]): Promise<void> {
  const paths = new Set(base ? [...base.files].map(file => file.path) : [])
  const fresh = adds.filter(file => file.dataChange && !paths.has(file.path))
  await checkNumbers(connection, candidate, base, fresh)
  await checkLengths(connection, candidate, fresh)
  const rules = rulesOf(candidate)
  if (rules.length === 0) return
  const known = new Set(base ? rulesOf(base).map(rule => JSON.stringify(rule)) : [])
  const old = rules.filter(rule => known.has(JSON.stringify(rule)))
  await check(connection, candidate, old, fresh)
  await check(connection, candidate, rules.filter(rule => !old.includes(rule)), [...candidate.files])
}

/** Columns that the table numbers, always: what comes has numbers of theirs, in a first version and where rows are only added new ones, and each once. */
async function checkNumbers(connection: Connection, candidate: Snapshot, base: Snapshot | undefined, fresh: readonly AddFile[]): Promise<void> {
  const always = identitiesOf(candidate.schema).filter(identity => !identity.byDefault)
  if (always.length === 0 || fresh.length === 0) return
  const known = base ? identitiesOf(base.schema) : []
  const onlyAdded = base !== undefined && [...base.files].every(file => candidate.files.has(fileKey(file)))
  const sinceOf = ({ name }: IdentityColumn) => (onlyAdded ? known.find(identity => identity.name === name) : undefined)
  const columns = always.map((identity, i) => `count(*) filter (where not coalesce(${identitySql(identity, sinceOf(identity))}, false)) as broken_${i}, count(*) - count(distinct ${quoteIdentifier(identity.name)}) as twice_${i}`)
  const [row] = await connection.rows<Record<string, bigint>>(`select ${columns.join(', ')} from (${await candidate.scanSql({ files: fresh, columns: always.map(({ name }) => name) })})`)
  always.forEach(({ name }, i) => {
    const [broken, twice] = [Number(row![`broken_${i}`]), Number(row![`twice_${i}`])]
    if (broken + twice > 0) throw new BrokenRule(candidate.root, `the table numbers ${name} itself, in steps and once each`, broken || twice)
  })
}

function rulesOf({ schema, properties, mapping }: Snapshot): Rule[] {
  const rules: Rule[] = []
  const visit = (struct: StructType, path: readonly string[], physical: readonly string[]) => {
    for (const field of struct.fields) {
      const here = [...path, field.name]
      const there = [...physical, physicalName(field, mapping)]
      if (field.nullable === false) rules.push({ kind: 'not null', path: here, physical: there })
      const invariant = field.metadata?.['delta.invariants']
      if (typeof invariant === 'string') rules.push({ kind: 'condition', name: `invariant of ${here.join('.')}`, spark: invariantText(invariant) })
      const generated = field.metadata?.[GENERATED]
      if (typeof generated === 'string') rules.push({ kind: 'condition', name: `generated column ${here.join('.')}`, spark: generated, equals: { column: field.name, type: duckdbType(field.type) } })
      if (isStruct(field.type)) visit(field.type, here, there)
    }
  }
  visit(schema, [], [])
  for (const [property, spark] of Object.entries(properties)) if (property.startsWith('delta.constraints.')) rules.push({ kind: 'condition', name: property.slice('delta.constraints.'.length), spark })
  return rules
}

async function check(connection: Connection, candidate: Snapshot, rules: readonly Rule[], files: readonly AddFile[]): Promise<void> {
  if (rules.length === 0 || files.length === 0) return
  const conditions: { readonly name: string; readonly sql: string }[] = []
  const stats = files.map(statsOf)
  for (const rule of rules) {
    if (rule.kind === 'not null') {
      if (!provenNotNull(rule, stats, files, candidate)) conditions.push({ name: `${rule.path.join('.')} is not null`, sql: notNullSql(rule.path) })
      continue
    }
    const sql = await duckdbExpression(connection, rule.spark, candidate.schema)
    if (sql === undefined) throw new CannotWrite(`${candidate.root} has a rule that cannot be checked here: ${rule.name} (${rule.spark}).`, 'Write it with Spark, or drop the rule.')
    conditions.push({ name: `${rule.name} (${rule.spark})`, sql: rule.equals ? `${quoteIdentifier(rule.equals.column)} is not distinct from ${asStored(`${sql}::${rule.equals.type}`, rule.equals, candidate)}` : sql })
  }
  if (conditions.length === 0) return
  const counts = conditions.map(({ sql }, i) => `count(*) filter (where not coalesce(${sql}, false)) as broken_${i}`)
  const [row] = await connection.rows<Record<string, bigint>>(`select ${counts.join(', ')} from (${await candidate.scanSql({ files })})`)
  conditions.forEach(({ name }, i) => {
    const broken = Number(row![`broken_${i}`])
    if (broken > 0) throw new BrokenRule(candidate.root, name, broken)
  })
}

/** The log has no empty text among the values of partitions: such a one is NULL. */
const asStored = (value: string, { column, type }: { readonly column: string; readonly type: string }, { partitionColumns }: Snapshot): string =>
  partitionColumns.includes(column) && type === 'VARCHAR' ? `nullif(${value}, '')` : value

function provenNotNull({ physical }: Extract<Rule, { kind: 'not null' }>, stats: readonly FileStats[], files: readonly AddFile[], { partitionColumns }: Snapshot): boolean {
  if (physical.length === 1 && partitionColumns.includes(physical[0]!)) return files.every(file => file.partitionValues[physical[0]!])
  return stats.every(({ nullCount }) => physical.reduce<StatValue | undefined>((at, step) => (typeof at === 'object' && at !== null ? at[step] : undefined), nullCount) === 0)
}

/** A field inside a struct is only missing where the struct is there. */
function notNullSql(path: readonly string[]): string {
  const at = (length: number) => path.slice(0, length).map(quoteIdentifier).join('.')
  return path.length === 1 ? `${at(1)} is not null` : `(${at(path.length - 1)} is null or ${at(path.length)} is not null)`
}

function invariantText(json: string): string {
  try {
    return (JSON.parse(json) as { expression: { expression: string } }).expression.expression
  } catch {
    return json
  }
}
