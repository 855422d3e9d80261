import { inDialects, sql, type SqlFragment } from '#framework'

/** Whether a text is JSON. */
export const isJson = (text: SqlFragment): SqlFragment => inDialects(sql`json_valid(${text})`, { spark: sql`get_json_object(${text}, '$') is not null` })

/** What is said of the application that sent a message. */
const METADATA = ['source', 'version', 'session_id']

/** A message of JSON as a struct of texts: the fields that are named, and `metadata`. NULL where it is no JSON. */
export function message(value: SqlFragment, fields: readonly string[]): SqlFragment {
  const texts = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, 'VARCHAR']))
  const strings = (names: readonly string[], sign: string) => names.map(name => `${name}${sign} string`).join(', ')
  return inDialects(sql`from_json(case when json_valid(${value}) then ${value} end, ${JSON.stringify({ ...texts(fields), metadata: texts(METADATA) })})`, {
    spark: sql`from_json(case when get_json_object(${value}, '$') is not null then ${value} end, ${`${strings(fields, '')}, metadata struct<${strings(METADATA, ':')}>`})`,
  })
}
