import { DuckDBInstance } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { sql, type SqlFragment } from '#framework'
import { EMAIL, MASKED_EMAIL, MASKED_NAME, MASKED_PHONE } from '#resources/pii/forms'
import { maskEmail, maskName, maskPhone } from '#resources/pii/masks'
import { sqlText } from '../../framework/vocabulary/sql.ts'

type Mask = (value: SqlFragment) => SqlFragment

let masked: (mask: Mask, values: readonly (string | null)[]) => Promise<(string | null)[]>
beforeAll(async () => {
  const database = await (await DuckDBInstance.create()).connect()
  await database.run('create table given (i integer, value varchar)')
  masked = async (mask, values) => {
    await database.run('delete from given')
    const appender = await database.createAppender('given')
    for (const [i, value] of values.entries()) {
      appender.appendInteger(i)
      if (value === null) appender.appendNull()
      else appender.appendVarchar(value)
      appender.endRow()
    }
    appender.closeSync()
    const rows = await database.runAndReadAll(`select ${sqlText(mask(sql`value`), key => key)} from given order by i`)
    return rows.getRows().map(row => row[0] as string | null)
  }
})

const cases = async (mask: Mask, table: Readonly<Record<string, string>>) => {
  const given = Object.keys(table)
  const out = await masked(mask, given)
  expect(Object.fromEntries(given.map((value, i) => [value, out[i]]))).toEqual(table)
}

describe('[GOV-PII-1] e-mail addresses', () => {
  it('show the first letter of name and domain and the top-level domain', () => cases(maskEmail, {
    'user@example.com': 'u***@e***.com',
    'first.last@mail.corp.example.com': 'f***@m***.com',
    'a@b.co': 'a***@b***.co',
    'O\'Neil+news@example.co.uk': 'O***@e***.uk',
  }))

  it('show nothing at all where they are none, or none in ASCII', () => cases(maskEmail, {
    'jürgen@example.com': '***', 'bad_at_example.com': '***', 'user@': '***', '@example.com': '***', 'a@@example.com': '***', 'user @example.com': '***', 'user@localhost': '***',
    'user@example.com, other@example.com': '***', 'user@-example.com': '***', 'user@example.c0m': '***', 'n/a': '***', '': '***', 'x@example.com\nsecret': '***',
  }))

  it('stay NULL', async () => expect(await masked(maskEmail, [null])).toEqual([null]))

  it('let out no more than the rule grants, whatever comes in', async () => {
    const valid = fc.tuple(fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._%+-]{0,20}$/), fc.array(fc.stringMatching(/^[a-z0-9]{1,10}$/), { minLength: 1, maxLength: 4 }), fc.stringMatching(/^[a-z]{2,12}$/)).map(([local, labels, top]) => `${local}@${labels.join('.')}.${top}`)
    const given = fc.sample(fc.oneof(valid, fc.emailAddress(), anyText), { numRuns: 4_000, seed: 1 })
    const whole = new RegExp(`^(?:${EMAIL.source})$`)
    for (const [i, out] of (await masked(maskEmail, given)).entries()) {
      const value = given[i]!
      expect(out).toMatch(new RegExp(`^(?:${MASKED_EMAIL.source})$`))
      const at = value.indexOf('@')
      expect([value, out]).toEqual([value, whole.test(value) ? `${value[0]}***@${value[at + 1]}***.${value.slice(value.lastIndexOf('.') + 1)}` : '***'])
    }
  })
})

describe('[GOV-PII-2] telephone numbers', () => {
  it('show their last four digits, however they are written, and never those of an extension', () => cases(maskPhone, {
    '123-456-7890': '***-***-7890', '(424)555-1234': '***-***-1234', '+1-512-384-5089': '***-***-5089', '282.688.7334x2070': '***-***-7334', '9154835825': '***-***-5825', '(926)7699666': '***-***-9666',
    '001-282-688-7334 ext. 2070': '***-***-7334', '(282) 688-7334 Extension 9': '***-***-7334', '282 688 7334 #12': '***-***-7334', ' 282  688 7334 ': '***-***-7334', '+44 20 7946 0958': '***-***-0958', '555-0123': '***-***-0123', '282/688/7334,,12': '***-***-7334',
  }))

  it('show nothing at all where they are none', () => cases(maskPhone, {
    'unknown': '***-***-****', '': '***-***-****', '12345': '***-***-****', '1234567890123456': '***-***-****', 'call 123-456-7890': '***-***-****', '١٢٣٤٥٦٧٨٩٠': '***-***-****', '123-456-7890 (Jane)': '***-***-****',
  }))

  it('stay NULL', async () => expect(await masked(maskPhone, [null])).toEqual([null]))

  it('let out no more than the rule grants, whatever comes in', async () => {
    const between = fc.constantFrom('', '-', '.', ' ', '/', ') ', '--')
    const number = fc.tuple(fc.constantFrom('', '+', '(', ' '), digits(3), between, digits(3), between, digits(4), fc.constantFrom('', 'x', ' ext. ', ' #', ', '), digits(4))
      .map(([before, area, a, exchange, b, line, extension, more]) => ({ text: `${before}${area}${a}${exchange}${b}${line}${extension && extension + more}`, line }))
    const numbers = fc.sample(number, { numRuns: 3_000, seed: 2 })
    expect(await masked(maskPhone, numbers.map(({ text }) => text))).toEqual(numbers.map(({ line }) => `***-***-${line}`))
    for (const out of await masked(maskPhone, fc.sample(anyText, { numRuns: 2_000, seed: 3 }))) expect(out).toMatch(new RegExp(`^(?:${MASKED_PHONE.source})$`))
  })
})

describe('[GOV-PII-3] names', () => {
  it('show the initial of each part', () => cases(maskName, {
    'John Doe': 'J*** D***', 'Li': 'L***', 'Zoë O\'Brien-Smith': 'Z*** O***', 'Jean-Luc de la Cruz': 'J*** d*** l*** C***', '  Ada   Alder ': 'A*** A***', 'Юлия Щукина': 'Ю*** Щ***', 'Αλέξης Παππάς': 'Α*** Π***', 'Þóra\u00A0Ångström': 'Þ*** Å***', 'Customer0 Last0': 'C*** L***',
  }))

  it('show nothing of a part that is one letter, or of a script in which one sign may be the family name', () => cases(maskName, {
    'X': '***', 'X Y': '*** ***', 'J. Doe': '*** D***', '李小龙': '***', '李 小龙': '*** ***', 'さくら 田中': '*** ***', 'محمد الحسن': '*** ***', 'X\u0301': '***', '7of9 Borg': '*** B***', '(John) Doe': '*** D***',
  }))

  it('are NULL where there is none', async () => expect(await masked(maskName, [null, '', '  ', '\u3000'])).toEqual([null, null, null, null]))

  it('let out no more than the rule grants, whatever comes in', async () => {
    const given = fc.sample(fc.oneof(anyText, fc.array(anyText, { minLength: 1, maxLength: 4 }).map(parts => parts.join(' '))), { numRuns: 6_000, seed: 4 })
    for (const [i, out] of (await masked(maskName, given)).entries()) {
      if (out === null) continue
      expect(out).toMatch(new RegExp(`^(?:${MASKED_NAME.source})$`, 'u'))
      for (const part of out.split(' ')) expect([given[i], [...part].length <= 4]).toEqual([given[i], true])
    }
  })
})

const anyText = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.string({ unit: 'binary', maxLength: 30 }), fc.string({ maxLength: 30 })).map(text => text.replaceAll('\0', ''))

const digits = (count: number) => fc.stringMatching(new RegExp(`^[0-9]{${count}}$`))
