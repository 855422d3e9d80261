import { isColumn, isFragment, isTable, isType, quoteIdentifier, quoteLiteral, sqlText, type ForeignDialect, type SqlFragment, type SqlValue } from '../vocabulary/sql.ts'
import { NotTranslated } from './engine-errors.ts'
import { plainText } from './query-text.ts'
import { placed } from './query-place.ts'
import { boundObjections, nameless, ownMark, parsedObjections, type Objection } from './translation-guard.ts'
import type { Translator } from './translator.ts'

/** What is asked of a database connection here: the parser and the binder, over empty tables of the inputs' columns. */
export interface GuardSession {
  json(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
}

export interface TranslationRequest {
  /** What the query is of, for messages. */
  readonly subject: string
  readonly to: ForeignDialect
  readonly guard: GuardSession
  readonly translator: Translator
}

/** Single expressions that were looked at for a query, each once. */
type Asked = TranslationRequest & { readonly looked: Map<string, Promise<void>> }

/**
 * DuckDB's SQL in the words of another engine: its own expressions as their authors gave them, all else translated, where the guard is
 * sure that it means the same.
 * @throws {NotTranslated} naming all that it is not sure of
 */
export async function foreignQuery(query: SqlFragment, request: TranslationRequest): Promise<string> {
  const { subject, to, guard } = request
  const parts: OwnPart[] = []
  const { text, refusals } = plainText(textWithout(query, to, parts), to)
  const marked = plainText(textMarked(query, to), to).text
  const [parsed] = await guard.json(`select json_serialize_sql(${quoteLiteral(text)}) as tree, json_serialize_sql(${quoteLiteral(marked)}) as marked`)
  const tree = treeOf(parsed!['tree'], request)
  const [bound] = await guard.json(`select json_serialize_plan(${quoteLiteral(marked)}, skip_null := true, skip_empty := true, skip_default := true) as plan`)
  const plan = JSON.parse(String(bound!['plan'])) as { error?: boolean; error_message?: string; plans?: unknown }
  if (plan.error) throw new NotTranslated(subject, to, [{ construct: text.trim().slice(0, 40), why: `it cannot be bound: ${plan.error_message ?? 'no reason given'}` }])
  const bare = placed(text, [...refusals, ...parsedObjections(tree, to), ...nameless(tree)])
  const objections = once([...bare, ...placed(parts.length === 0 ? marked : undefined, boundObjections(plan.plans, treeOf(parsed!['marked'], request), to)).filter(({ construct }) => !bare.some(known => construct.startsWith(known.construct)))])
  if (objections.length > 0) throw new NotTranslated(subject, to, objections)
  const translated = await request.translator.translate(text, to)
  return withParts(translated, parts, { ...request, looked: new Map() })
}

const once = (found: readonly Objection[]): Objection[] => [...new Map(found.toReversed().map(objection => [objection.construct, objection])).values()].toReversed()

/** An author's own expression of an engine, and the name that stands for it while the rest is translated. */
interface OwnPart {
  readonly name: string
  readonly fragment: SqlFragment
}

function textWithout(fragment: SqlFragment, to: ForeignDialect, parts: OwnPart[]): string {
  const hole = (value: SqlValue): string => {
    if (!isFragment(value)) return sqlText({ strings: ['', ''], values: [value] }, quoteIdentifier)
    const own = value.own?.[to]
    if (!own) return textWithout(value, to, parts)
    const name = `${PART}${parts.length}`
    parts.push({ name, fragment: own })
    return quoteIdentifier(name)
  }
  return assembled(fragment, hole)
}

/** The text with each own expression marked, so that the guard leaves it out. */
function textMarked(fragment: SqlFragment, to: ForeignDialect): string {
  return assembled(fragment, value => {
    if (!isFragment(value)) return sqlText({ strings: ['', ''], values: [value] }, quoteIdentifier)
    return value.own?.[to] ? ownMark(sqlText(value, quoteIdentifier)) : textMarked(value, to)
  })
}

const PART = 'varve own part '

async function withParts(translated: string, parts: readonly OwnPart[], request: Asked): Promise<string> {
  const texts = new Map<string, string>()
  for (const { name, fragment } of parts) texts.set(name, await ownText(fragment, request))
  return translated.replaceAll(/[`"]varve own part (\d+)[`"]/g, (_, i: string) => `(${texts.get(`${PART}${i}`)!})`)
}

/** An own expression as its engine reads it. What was handed in to it as DuckDB's SQL is translated. */
async function ownText(fragment: SqlFragment, request: Asked): Promise<string> {
  const { to } = request
  const texts: string[] = []
  for (const value of fragment.values) {
    if (isFragment(value)) texts.push(value.own?.[to] ? `(${await ownText(value.own[to], request)})` : await translatedExpression(value, request))
    else if (isTable(value)) texts.push(foreignName(value.key, to))
    else if (isColumn(value)) texts.push(foreignName(value.column, to))
    else if (isType(value)) texts.push(foreignType(value.sqlType, to))
    else texts.push(foreignLiteral(value as string | number | bigint | boolean | Date | null, to))
  }
  return fragment.strings.reduce((text, part, i) => text + texts[i - 1]! + part)
}

async function translatedExpression(fragment: SqlFragment, request: Asked): Promise<string> {
  const text = sqlText(fragment, quoteIdentifier).trim()
  if (/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/i.test(text)) return text
  const parts: OwnPart[] = []
  const { text: outer, refusals } = plainText(textWithout(fragment, request.to, parts), request.to)
  if (refusals.length > 0) throw new NotTranslated(request.subject, request.to, refusals)
  let looked = request.looked.get(outer)
  if (!looked) request.looked.set(outer, (looked = lookAt(outer, request)))
  await looked
  return withParts((await request.translator.translate(`select ${outer}`, request.to)).replace(/^SELECT /, ''), parts, request)
}

async function lookAt(expression: string, request: Asked): Promise<void> {
  const [parsed] = await request.guard.json(`select json_serialize_sql(${quoteLiteral(`select ${expression}`)}) as tree`)
  const objections = parsedObjections(treeOf(parsed!['tree'], request), request.to)
  if (objections.length > 0) throw new NotTranslated(request.subject, request.to, objections)
}

const assembled = (fragment: SqlFragment, hole: (value: SqlValue) => string): string => fragment.strings.reduce((text, part, i) => text + hole(fragment.values[i - 1]!) + part)

/** A name as the engine quotes it. */
export const foreignName = (name: string, to: ForeignDialect): string => (to === 'spark' ? `\`${name.replaceAll('`', '``')}\`` : quoteIdentifier(name))

/** A value as the engine writes it. */
export function foreignLiteral(value: string | number | bigint | boolean | Date | null, to: ForeignDialect): string {
  if (to === 'spark' && typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll('\'', '\\\'')}'`
  if (value instanceof Date) return `timestamp '${value.toISOString().replace('T', ' ').replace('Z', ' UTC')}'`
  return quoteLiteral(value)
}

/** A type of DuckDB's as the engine calls it. */
export function foreignType(type: string, to: ForeignDialect): string {
  const plain = type.trim()
  if (to === 'spark') return sparkType(plain)
  return plain.toLowerCase() === 'timestamptz' || /^timestamp with time zone$/i.test(plain) ? 'timestamp(6) with time zone' : plain
}

/** A type of DuckDB's as Spark's DDL calls it: also lists, structs and maps. */
export function sparkType(type: string): string {
  const text = type.trim()
  if (text.endsWith('[]')) return `array<${sparkType(text.slice(0, -2))}>`
  const nested = /^(STRUCT|MAP)\((.*)\)$/is.exec(text)
  if (nested?.[1]!.toUpperCase() === 'MAP') return `map<${fields(nested[2]!).map(sparkType).join(',')}>`
  if (nested) return `struct<${fields(nested[2]!).map(field => {
    const [, name, of] = /^("(?:[^"]|"")*"|\S+)\s+(.*)$/s.exec(field)!
    return `\`${name!.startsWith('"') ? name!.slice(1, -1).replaceAll('""', '"').replaceAll('`', '``') : name!}\`:${sparkType(of!)}`
  }).join(',')}>`
  const known = SPARK_TYPES[text.toUpperCase()]
  return known ?? text.toLowerCase().replaceAll(' ', '')
}

const SPARK_TYPES: Readonly<Record<string, string>> = {
  VARCHAR: 'string', INTEGER: 'int', BLOB: 'binary', TIMESTAMP: 'timestamp_ntz', 'TIMESTAMP WITH TIME ZONE': 'timestamp', TIMESTAMPTZ: 'timestamp', TEXT: 'string',
}

/** What stands between commas that no bracket or quote encloses. */
function fields(text: string): string[] {
  const found: string[] = []
  let depth = 0
  let quoted = false
  let begin = 0
  for (let i = 0; i < text.length; i += 1) {
    const sign = text[i]!
    if (sign === '"') quoted = !quoted
    else if (!quoted && sign === '(') depth += 1
    else if (!quoted && sign === ')') depth -= 1
    else if (!quoted && depth === 0 && sign === ',') {
      found.push(text.slice(begin, i).trim())
      begin = i + 1
    }
  }
  return [...found, text.slice(begin).trim()]
}

function treeOf(json: unknown, { subject, to }: TranslationRequest): unknown {
  const tree = JSON.parse(String(json)) as { error: boolean; error_message?: string; statements?: readonly { readonly node: unknown }[] }
  if (tree.error) throw new NotTranslated(subject, to, [{ construct: 'a statement that is more than a SELECT', why: tree.error_message ?? 'it cannot be parsed' }])
  return tree.statements![0]!.node
}
