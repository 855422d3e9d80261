import { createHash } from 'node:crypto'
import { DuckDBInstance } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { sql, type SqlFragment } from '#framework'
import { EMAIL, MASKED_EMAIL, MASKED_NAME, MASKED_PHONE } from '#resources/pii/forms'
import { hashed, maskEmail, maskName, maskPhone } from '#resources/pii/masks'
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
    '001-282-688-7334 ext. 2070': '***-***-7334', '(282) 688-7334 Extension 9': '***-***-7334', '282 688 7334 #12': '***-***-7334', ' 282  688 7334 ': '***-***-7334', '+44 20 7946 0958': '***-***-0958', '555-0123': '***-***-0123', '123\u2013456\u20117890': '***-***-7890', '123\u00A0456\u00A07890': '***-***-7890', '282/688/7334,,12': '***-***-7334',
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

describe('[GOV-PII-5] of 10,000 names, numbers and addresses in many scripts and forms', () => {
  /** Every piece of two characters that the input and the output share, after what the rule grants is taken out of the output. */
  const leaks = (given: string, out: string | null, granted: string): string[] => {
    const shown = Array.from((out ?? '').slice(0, (out ?? '').length - granted.length))
    const pairs = shown.slice(1).map((sign, i) => shown[i]! + sign).filter(pair => /[\p{L}\p{N}]{2}|[^*\s@.-]{2}/u.test(pair))
    return pairs.filter(pair => given.includes(pair))
  }
  const letters = (from: number, to: number) => fc.string({ minLength: 2, maxLength: 12, unit: fc.integer({ min: from, max: to }).map(code => String.fromCodePoint(code)) })
  const ascii = letters(0x61, 0x7a)
  const word = fc.oneof(letters(0x41, 0x5a), letters(0x61, 0x7a), letters(0xc0, 0x17f), letters(0x391, 0x3c9), letters(0x410, 0x44f), letters(0x4e00, 0x9fa5), letters(0xac00, 0xd7a3), letters(0x621, 0x64a), letters(0x5d0, 0x5ea), letters(0x905, 0x939), letters(0xe01, 0xe2e), letters(0x1f600, 0x1f64f), letters(0x10400, 0x1044f), letters(0x300, 0x36f), fc.constantFrom('O\'Brien-Smith', 'Ng', 'X', 'de', 'Æ', 'J.', 'Zoe\u0301', '\u202Eevil', 'a\u200Bb', 'McDonald2'))

  it('no name lets more than one sign of a part through', async () => {
    const given = fc.sample(fc.tuple(fc.array(word, { minLength: 1, maxLength: 4 }), fc.constantFrom(' ', '  ', '\t', '\u00A0', '\u3000', '\u2009')).map(([parts, between]) => parts.join(between)), { numRuns: 10_000, seed: 11 })
    const out = await masked(maskName, given)
    expect(given.flatMap((name, i) => leaks(name, out[i]!, '').map(leak => ({ name, out: out[i], leak })))).toEqual([])
    expect(new Set(out).size).toBeGreaterThan(500)
  })

  it('no number lets more than its last four digits through', async () => {
    const digit = fc.integer({ min: 0, max: 9 })
    const number = fc.tuple(fc.constantFrom('', '+', '00', '(', '', '', 'tel:'), fc.array(fc.tuple(digit, fc.constantFrom('', '', '', '-', ' ', '.', '/', ')', '\u2011', '\u00A0')), { minLength: 5, maxLength: 18 }), fc.constantFrom('', 'x12', ' ext. 4455', ';ext=99', '#7', ' (home)', ' Ann')).map(([before, body, after]) => before + body.map(([sign, between]) => sign + between).join('') + after)
    const given = fc.sample(number, { numRuns: 10_000, seed: 12 })
    const out = await masked(maskPhone, given)
    const wrong = given.flatMap((phone, i) => {
      const shown = /^\*{3}-\*{3}-(\*{4}|[0-9]{4})$/.exec(out[i]!)?.[1]
      const digits = phone.replace(/(?:x|ext|;|#).*$/i, '').replaceAll(/\D/g, '')
      return shown === '****' || (shown !== undefined && digits.endsWith(shown)) ? [] : [{ phone, out: out[i] }]
    })
    expect(wrong).toEqual([])
    expect(out.filter(each => each !== '***-***-****').length).toBeGreaterThan(3_000)
  })

  it('no address lets more than two first signs and the top-level domain through', async () => {
    const given = fc.sample(fc.oneof(fc.tuple(ascii, ascii, fc.constantFrom('com', 'co.uk', 'museum')).map(([name, domain, top]) => `${name}@${domain}.${top}`), fc.tuple(word, word, fc.constantFrom('com', 'co.uk', 'org', 'рф', 'museum', '')).map(([name, domain, top]) => `${name}@${domain}.${top}`), fc.emailAddress(), word, fc.tuple(word, word).map(parts => parts.join(' at '))), { numRuns: 10_000, seed: 13 })
    const out = await masked(maskEmail, given)
    expect(given.flatMap((mail, i) => leaks(mail, out[i]!, out[i] === '***' ? '' : mail.slice(mail.lastIndexOf('.') + 1)).map(leak => ({ mail, out: out[i], leak })))).toEqual([])
    expect(out.filter(each => each !== '***').length).toBeGreaterThan(1_000)
  })
})

describe('[GOV-PII-5] of 10,000 names, numbers and addresses made to get through', () => {
  const strange = ['\u0301', '\u200B', '\u200D', '\u202E', '\uFEFF', '\u00AD', '\n', '\r\n', '\t', ' ', '\u00A0', '👩‍👩‍👧', '\u{E0041}', '**', '***', '@', '.', '"', '\'', '+', '(', ')', '<', '>', '%40', '\\']
  const word = fc.constantFrom('Canary', 'canary', 'Zoë', 'Zoe\u0308', 'Łukasz', '李小龙', 'محمد', 'Ñandú', 'ﬁona', 'ǅuro', 'X', '7', 'J.', 'van', 'O\'Brien', 'İpek', 'ß', '১২৩', '𝓑𝓸𝓫', 'Jean-Luc', 'Mc·Coy')
  const mixed = fc.array(fc.oneof({ weight: 3, arbitrary: word }, { weight: 2, arbitrary: fc.constantFrom(...strange) }), { minLength: 1, maxLength: 7 }).map(parts => parts.join(''))
  /** What stands in the output that no mask wrote: runs of two signs or more. */
  const runs = (out: string) => out.split(/[*@.\- ]+/u).filter(run => [...run].length > 1)

  it('no name shows two signs of a row', async () => {
    const given = fc.sample(fc.oneof(mixed, fc.tuple(mixed, word, mixed).map(parts => parts.join(' '))), { numRuns: 10_000, seed: 21 })
    const out = await masked(maskName, given)
    expect(given.flatMap((name, i) => (out[i] === null || runs(out[i]!).length === 0 ? [] : [{ name, out: out[i] }]))).toEqual([])
    // What is shown begins a part of the name, and is a letter.
    expect(given.flatMap((name, i) => (out[i] ?? '').split(' ').filter(part => !/^(\p{L}?)\*{3}$/u.test(part) && out[i] !== null).map(part => ({ name, part })))).toEqual([])
  })

  it('no number shows more than the last four digits in front of an extension, and none where it is not one number', async () => {
    const body = fc.tuple(fc.constantFrom('', '+49 (0) ', '0049', '(', '\u202A', ' '), fc.array(fc.tuple(fc.stringMatching(/^[0-9]{2,4}$/), fc.constantFrom('', ' ', '-', '.', '/', '\u200B', '\u2011', '\n')), { minLength: 2, maxLength: 5 })).map(([before, parts]) => before + parts.flat().join(''))
    const after = fc.constantFrom('', 'x123', ' X 123', 'ext.9876', ' EXTENSION 9876', '#55\n44', ', 9876\n5432', ';ext=9876\n5432', ' x 1\n2222', ' poste 9876', '９８７６', '٩٨٧٦', ' 👩', '@', '\n')
    const given = fc.sample(fc.tuple(body, after), { numRuns: 10_000, seed: 22 })
    const out = await masked(maskPhone, given.map(parts => parts.join('')))
    const wrong = given.flatMap(([number, extension], i) => {
      const shown = /^\*{3}-\*{3}-(\*{4}|[0-9]{4})$/.exec(out[i]!)?.[1]
      return shown === '****' || (shown !== undefined && number.replaceAll(/[^0-9]/g, '').endsWith(shown) && !/poste|[９٩👩]/u.test(extension.replace('👩', ''))) ? [] : [{ number, extension, out: out[i] }]
    })
    expect(wrong).toEqual([])
    expect(out.filter(each => each !== '***-***-****').length).toBeGreaterThan(3_000)
  })

  it('no address shows more than two first signs and the top-level domain, and one that is written oddly nothing', async () => {
    const local = fc.oneof(fc.constantFrom('canary', 'c', 'canary+tag', 'Ca.na.ry'), fc.constantFrom('"canary bird"', '"a@b"', 'canary.', '.canary', 'кана́рейка', 'canary\u200B', '\u202Ecanary', 'canary%40example.com'), mixed)
    const domain = fc.constantFrom('example.com', 'bücher.example', 'xn--bcher-kva.example', 'example.рф', 'example.xn--p1ai', 'canary@example.com', '[127.0.0.1]', 'localhost', 'example..com', '-example.com', 'example.com.', 'EXAMPLE.COM', 'a.b.c.example.museum')
    const given = fc.sample(fc.tuple(fc.constantFrom('', '', '', '', '', ' ', '\n', '<', 'mailto:', '"Canary" <'), local, fc.constantFrom('@', '@', '@', '@', '@', ' at ', '＠', '@@'), domain, fc.constantFrom('', '', '', '', '', ' ', '\n', '>', '\r\ncanary@example.com', ', canary@example.com')), { numRuns: 10_000, seed: 23 }).map(parts => parts.join(''))
    const out = await masked(maskEmail, given)
    const wrong = given.flatMap((mail, i) => {
      if (out[i] === '***') return []
      const shown = /^(.?)\*{3}@(.?)\*{3}\.([A-Za-z]+)$/.exec(out[i]!)
      return shown && mail.startsWith(shown[1]!) && mail.split('@').length === 2 && mail.split('@')[1]!.startsWith(shown[2]!) && mail.endsWith(`.${shown[3]!}`) ? [] : [{ mail, out: out[i] }]
    })
    expect(wrong).toEqual([])
    expect(out.filter(each => each !== '***').length).toBeGreaterThan(200)
  })
})

describe('[Q7-d] hashed values', () => {
  it('are SHA-256 of the salt and the value, as anyone can count, and NULL where there is none', async () => {
    const digest = (value: string) => createHash('sha256').update(`pepper${value}`).digest('hex')
    expect(await masked(value => hashed(value, 'pepper'), ['CUST-1', '', 'Zoë 李', null])).toEqual([digest('CUST-1'), digest(''), digest('Zoë 李'), null])
  })
})

describe('masks that keep less', () => {
  it('show fewer signs of the same form', async () => {
    expect(await masked(value => maskEmail(value, 0), ['user@example.com', 'none'])).toEqual(['***@***.com', '***'])
    expect(await masked(value => maskPhone(value, 2), ['123-456-7890', 'none'])).toEqual(['***-***-**90', '***-***-****'])
    expect(await masked(value => maskName(value, 0), ['John Doe', 'Li', ''])).toEqual(['*** ***', '***', null])
  })
})
