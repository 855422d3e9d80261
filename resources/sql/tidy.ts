import { sql, type SqlFragment } from '#framework'

/** A text without spaces around it or doubled in it. One that is empty then is NULL. */
export const tidy = (text: SqlFragment): SqlFragment => sql`nullif(trim(regexp_replace(${text}, '\\s+', ' ', 'g')), '')`

/** An e-mail address in small letters, without spaces around it: as one would compare it. */
export const tidyEmail = (text: SqlFragment): SqlFragment => sql`nullif(lower(trim(${text})), '')`

/** A code such as a currency or a status: in capitals, without spaces around it. */
export const tidyCode = (text: SqlFragment): SqlFragment => sql`nullif(upper(trim(${text})), '')`
