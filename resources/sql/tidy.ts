import { inDialects, sql, trimmed, type SqlFragment } from '#framework'

/** A text without spaces around it or doubled in it. One that is empty then is NULL. */
export const tidy = (text: SqlFragment): SqlFragment => sql`nullif(${trimmed(single(text))}, '')`

/** An e-mail address in small letters, without spaces around it: as one would compare it. */
export const tidyEmail = (text: SqlFragment): SqlFragment => sql`nullif(${lowered(trimmed(text))}, '')`

/** A code such as a currency or a status: in capitals, without spaces around it. */
export const tidyCode = (text: SqlFragment): SqlFragment => sql`nullif(${upper(trimmed(text))}, '')`

function single(text: SqlFragment): SqlFragment {
  const foreign = sql`regexp_replace(${text}, ${'[\\t\\n\\f\\r ]+'}, ' ')`
  return inDialects(sql`regexp_replace(${text}, '\\s+', ' ', 'g')`, { spark: foreign, trino: foreign })
}

/** Of letters beyond ASCII some have no other case in one engine and two signs of it in another. */
export const lowered = (text: SqlFragment): SqlFragment => inDialects(sql`lower(${text})`, { spark: sql`lower(${text})`, trino: sql`lower(${text})` })
const upper = (text: SqlFragment): SqlFragment => inDialects(sql`upper(${text})`, { spark: sql`upper(${text})`, trino: sql`upper(${text})` })
