import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { EngineInput } from './engine.ts'

/** An input whose rows can be read. */
export interface ReadableInput {
  readonly name: string
  readonly relation: string
}

/** The inputs that a text may name, each with its SELECT. `known` keeps those that were asked for. */
export async function readableIn(inputs: Iterable<EngineInput>, sql: string, known: Map<EngineInput, Promise<string>>): Promise<readonly ReadableInput[]> {
  return Promise.all(namedIn(inputs, sql).map(async input => {
    const { name, relation } = input
    if (typeof relation === 'string') return { name, relation }
    let asked = known.get(input)
    if (!asked) known.set(input, (asked = relation()))
    return { name, relation: await asked }
  }))
}

/**
 * A query with inputs that it names in front of it, as common table expressions that are never materialized: the plan is that of views,
 * which would cost two calls into the database more. Undefined where the text begins in a way that takes none in front of it.
 */
export function queryOver(named: readonly ReadableInput[], sql: string): string | undefined {
  if (named.length === 0) return sql
  const head = HEAD.exec(sql)
  if (!head) return undefined
  const [blank, word] = [head[1]!, head[2]!]
  const tables = named.map(({ name, relation }) => `${quoteIdentifier(name)} as not materialized (${relation})`).join(', ')
  return /^with/i.test(word) ? `${blank}${word} ${tables}, ${sql.slice(blank.length + word.length)}` : `with ${tables} ${sql}`
}

/** The inputs that a text may name. */
export function namedIn<T extends { readonly name: string }>(inputs: Iterable<T>, sql: string): T[] {
  const text = sql.toLowerCase()
  return [...inputs].filter(({ name }) => text.includes(name.toLowerCase()))
}

/** Blanks and comments, and the word that the query begins with. */
const HEAD = /^((?:\s|--[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*)(with\s+recursive\b|with\b|select\b|from\b)/i
