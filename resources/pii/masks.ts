import { inDialects, mask, sql, type SqlFragment, type SqlValue } from '#framework'
import { EMAIL, WHOLE_EMAIL } from './forms.ts'

/*
 * Masks are SQL, so that each engine masks alike and no value passes through the program. NULL stays NULL. What is not of the form that
 * a mask knows is masked wholly: no more than one character in a row of what came in ever goes out, save what the rule grants.
 * Each is declared as a mask, so that the column lineage knows.
 */

const WHOLLY = '***'
const VALID_EMAIL = `^(?:${EMAIL.source})$`

/**
 * `user@example.com` becomes `u***@e***.com`: the first letter of name and domain, and the top-level domain. Anything else becomes `***`.
 * With `keep` 0 it becomes `***@***.com`.
 */
export const maskEmail = (email: SqlFragment, keep = 1): SqlFragment => mask(inDialects(sql`
  case
    when ${email} is null then null
    when regexp_matches(${email}, ${VALID_EMAIL})
      then concat(substr(${email}, 1, ${keep}), '***@', substr(split_part(${email}, '@', 2), 1, ${keep}), '***.', regexp_extract(${email}, '[A-Za-z]+$'))
    else ${WHOLLY}
  end`, {
  spark: sql`
  case
    when ${email} is null then null
    when ${email} rlike ${WHOLE_EMAIL}
      then concat(substr(${email}, 1, ${keep}), '***@', substr(split_part(${email}, '@', 2), 1, ${keep}), '***.', regexp_extract(${email}, ${'([A-Za-z]+)\\z'}, 1))
    else ${WHOLLY}
  end`,
  trino: sql`
  case
    when ${email} is null then null
    when regexp_like(${email}, ${WHOLE_EMAIL})
      then concat(substr(${email}, 1, ${keep}), '***@', substr(split_part(${email}, '@', 2), 1, ${keep}), '***.', regexp_extract(${email}, ${'([A-Za-z]+)\\z'}, 1))
    else ${WHOLLY}
  end`,
}))

const EXTENSION = '(?is)\\s*(?:extension|ext|x|#|,|;).*$'
const SPARK_EXTENSION = '(?iu)[\\t\\n\\f\\r ]*(?:extension|ext|x|#|,|;)(?:[^\\n]|\\n)*\\z'
const PUNCTUATION = '[^\\p{L}\\p{M}\\p{N}]'

/**
 * `123-456-7890` becomes `***-***-7890`: the last four digits of 7 to 15, without the extension. Anything else becomes `***-***-****`.
 * With `keep` 2 it becomes `***-***-**90`.
 */
export const maskPhone = (phone: SqlFragment, keep = 4): SqlFragment => {
  const digits = sql`regexp_replace(regexp_replace(${phone}, ${EXTENSION}, ''), ${PUNCTUATION}, '', 'g')`
  const bare = (extension: string) => sql`regexp_replace(regexp_replace(${phone}, ${extension}, ''), ${PUNCTUATION}, '')`
  const foreign = inDialects(digits, { spark: bare(SPARK_EXTENSION), trino: bare(SPARK_EXTENSION.replace('u', '')) })
  const hidden = `***-***-${'*'.repeat(4 - keep)}`
  return mask(inDialects(sql`
  case
    when ${phone} is null then null
    when regexp_matches(${digits}, '^[0-9]{7,15}$') then concat(${hidden}, right(${digits}, ${keep}))
    else '***-***-****'
  end`, {
    spark: sql`
  case
    when ${phone} is null then null
    when ${foreign} rlike ${'\\A[0-9]{7,15}\\z'} then concat(${hidden}, right(${foreign}, ${keep}))
    else '***-***-****'
  end`,
    trino: sql`
  case
    when ${phone} is null then null
    when regexp_like(${foreign}, ${'\\A[0-9]{7,15}\\z'}) then concat(${hidden}, substr(${foreign}, length(${foreign}) - ${keep - 1}))
    else '***-***-****'
  end`,
  }))
}

const SPACES = '[\\s\\p{Z}\\p{C}]+'
const NOT_AN_INITIAL = ' (?:[^\\p{Lu}\\p{Ll}\\p{Lt} ][^ ]*|[^ ][^\\p{L} ]*) '
const INITIAL = ' ([\\p{Lu}\\p{Ll}\\p{Lt}])[^ ]+ '

/**
 * `John Doe` becomes `J*** D***`: the initial of each part. A part of one letter, and one in a script without capitals, where the first
 * sign may be the whole family name, becomes `***`. With `keep` 0 each part does.
 */
export const maskName = (name: SqlFragment, keep = 1): SqlFragment => {
  const parts = sql`concat(' ', replace(trim(regexp_replace(${name}, ${SPACES}, ' ', 'g')), ' ', '  '), ' ')`
  const masked = keep === 0
    ? sql`regexp_replace(${parts}, ' [^ ]+ ', ' *** ', 'g')`
    : sql`regexp_replace(regexp_replace(${parts}, ${NOT_AN_INITIAL}, ' *** ', 'g'), ${INITIAL}, ' \\1*** ', 'g')`
  return mask(inDialects(sql`
  case
    when trim(regexp_replace(${name}, ${SPACES}, ' ', 'g')) = '' or ${name} is null then null
    else trim(replace(${masked}, '  ', ' '))
  end`, { spark: nameElsewhere(name, keep, 'spark'), trino: nameElsewhere(name, keep, 'trino') }))
}

const SPARK_SPACES = '[\\t\\n\\f\\r \\p{Z}\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}]+'
/** Text in Trino is UTF-8, which has no halves of signs. */
const TRINO_SPACES = SPARK_SPACES.replace('\\p{Cs}', '')

function nameElsewhere(name: SqlFragment, keep: number, dialect: 'spark' | 'trino'): SqlFragment {
  const own = (expression: SqlFragment) => inDialects(sql`null`, { [dialect]: expression })
  const single = own(sql`trim(regexp_replace(${name}, ${dialect === 'spark' ? SPARK_SPACES : TRINO_SPACES}, ' '))`)
  const parts = own(sql`concat(' ', replace(${single}, ' ', '  '), ' ')`)
  const masked = own(keep === 0
    ? sql`regexp_replace(${parts}, ' [^ ]+ ', ' *** ')`
    : sql`regexp_replace(regexp_replace(${parts}, ${NOT_AN_INITIAL}, ' *** '), ${INITIAL}, ' $1*** ')`)
  return sql`
  case
    when ${single} = '' or ${name} is null then null
    else trim(replace(${masked}, '  ', ' '))
  end`
}

/** A value as 64 hexadecimal digits, the same wherever and whenever the salt is the same: SHA-256 of the salt and then the value. NULL stays NULL. */
export const hashed = (value: SqlFragment, salt: SqlValue): SqlFragment => mask(inDialects(sql`
  case
    when ${value} is null then null
    else sha256(concat(${salt}, cast(${value} as varchar)))
  end`, {
  spark: sql`
  case
    when ${value} is null then null
    else sha2(concat(${salt}, cast(${value} as string)), 256)
  end`,
  trino: sql`
  case
    when ${value} is null then null
    else lower(to_hex(sha256(to_utf8(concat(${salt}, cast(${value} as varchar))))))
  end`,
}))
