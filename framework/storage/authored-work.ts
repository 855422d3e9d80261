import { rm } from 'node:fs/promises'
import type { AssetBody, AssetDefinition } from '../definition/asset-definition.ts'
import { inDialect, type QueryContext, type RunContext } from '../definition/run-context.ts'
import type { AuthoredWork, EngineInput, EngineSession, WriteJob, Written } from '../engines/engine.ts'
import { quoteIdentifier, sqlText } from '../vocabulary/sql.ts'
import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import type { AffectedRows } from './affected-rows.ts'
import { chosenIn, chosenInPart } from './chosen-rows.ts'
import type { StepSlices } from './inputs.ts'
import { keepingSecrets } from './keeping-secrets.ts'
import type { TableStageRequest } from './table-stage.ts'
import { relationOf } from './written.ts'

/** A body that makes a table. */
export type TableBody = Extract<AssetBody, { kind: 'sql' | 'rows' | 'spark' }>

export interface WritingRequest {
  readonly definition: AssetDefinition
  readonly body: TableBody
  readonly context: RunContext & QueryContext
  readonly session: EngineSession
  readonly slices: StepSlices | undefined
  /** Of one of its inputs, what need be read of it. */
  readonly part: { readonly whole: EngineInput; readonly relation: string } | undefined
  /** What of a query's rows need be made at all. */
  readonly affected?: ((text: string) => Promise<AffectedRows | undefined>) | undefined
}

/** How an engine is had to write what the author asks for. */
export function writing({ definition, body, context, session, slices, part, affected }: WritingRequest): TableStageRequest['write'] {
  return async (wrap, job, whole) => {
    if (body.kind === 'rows') return writeRows(session, body, context, wrap, job)
    const work = authored(definition, body, context)
    return keepingSecrets(work, { dialect: session.dialect, subject: definition.key }, async told => {
      const some = affected && !whole ? await writePart(session, told, { affected, wrap, job, counted: !slices, say: message => context.log(message) }) : undefined
      if (some) return some
      if (part) await session.add({ name: part.whole.name, relation: part.relation })
      try {
        const written = await writeAuthored(session, told, wrap, { ...job, subject: definition.key, say: message => context.log(message) })
        return { ...written, chosen: slices ? undefined : await chosenIn(session, told) }
      } finally {
        // Promises are about all that the upstream holds.
        if (part) await session.add(part.whole)
      }
    })
  }
}

interface PartRequest {
  readonly affected: NonNullable<WritingRequest['affected']>
  readonly wrap: ((query: string) => Promise<string>) | undefined
  readonly job: WriteJob
  /** Whether to count what the query chose among. */
  readonly counted: boolean
  readonly say: (message: string) => void
}

/** The rows that may be otherwise than they were, and the keys that they had; undefined where all have to be made. */
async function writePart(session: EngineSession, work: AuthoredWork, { affected, wrap, job, counted, say }: PartRequest): Promise<Written | undefined> {
  if (work.kind !== 'query') return undefined
  const query = sqlText(work.query, quoteIdentifier)
  const part = await affected(wrap ? await wrap(query) : query)
  if (!part) return undefined
  const had = `${job.folder}-before`
  try {
    const chosen = counted ? await chosenInPart(session, work, part.part) : undefined
    if (chosen === 'untold') return undefined
    const written = await session.writeQuery(part.now, { ...job, place: undefined })
    const before = await session.writeQuery(part.keysThen, { folder: had, partitionBy: [] })
    say(`makes the rows that hang on ${part.values} ${part.values === 1 ? 'value that' : 'values, which'} changed`)
    return { ...written, before, chosen }
  } catch (error) {
    // What is wrong with it is told of the query as its author wrote it.
    for (const folder of [job.folder, had]) await rm(folder, { recursive: true, force: true })
    if (error instanceof QueryFailed) return undefined
    throw error
  } finally {
    await part.forget()
  }
}

/** What the author wrote for this engine: a body of its own where what comes for its dialect is other than for DuckDB. */
export function authored({ key, upstreams }: AssetDefinition, body: Extract<AssetBody, { kind: 'sql' | 'spark' }>, context: RunContext & QueryContext): AuthoredWork {
  if (body.kind === 'spark') {
    const { script: name, text, columns } = body
    if (text === undefined) throw new Error(`The script of ${key} was never read`)
    return { kind: 'script', script: { name, text, inputs: Object.fromEntries(upstreams.map(({ property, asset }) => [property, asset()])), parameters: body.parameters(context), columns, partition: context.partition } }
  }
  const query = body.query(inDialect(context, 'duckdb'))
  if (context.dialect === 'duckdb') return { kind: 'query', query }
  const own = body.query(context)
  return { kind: 'query', query, own: sqlText(own, quoteIdentifier) === sqlText(query, quoteIdentifier) ? undefined : own }
}

/** Of an engine on other machines, what the framework itself puts around a query is asked here, of the rows that came. */
async function writeAuthored(session: EngineSession, work: AuthoredWork, wrap: ((query: string) => Promise<string>) | undefined, job: WriteJob): ReturnType<EngineSession['writeAuthored']> {
  if (!wrap) return session.writeAuthored(work, job)
  if (session.dialect === 'duckdb' && work.kind === 'query') return session.writeQuery(await wrap(sqlText(work.query, quoteIdentifier)), job)
  const folder = `${job.folder}-made`
  try {
    const raw = await session.writeAuthored(work, { ...job, folder, place: undefined, partitionBy: [] })
    return { ...(await session.writeQuery(await wrap(relationOf(raw)), job)), job: raw.job }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Rows from TypeScript. A mode that must look at them as a query gets them from files of their own first. */
async function writeRows(session: EngineSession, body: Extract<AssetBody, { kind: 'rows' }>, context: RunContext, wrap: ((query: string) => Promise<string>) | undefined, job: WriteJob): ReturnType<EngineSession['writeRows']> {
  const rows = body.rows(context)
  if (!wrap) return session.writeRows(rows, body.columns, job)
  const folder = `${job.folder}-rows`
  try {
    const raw = await session.writeRows(rows, body.columns, { ...job, folder, place: undefined, partitionBy: [] })
    return await session.writeQuery(await wrap(relationOf(raw)), job)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
