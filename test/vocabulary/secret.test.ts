import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { dataWithoutSecrets, Secret, withoutSecrets } from '../../framework/vocabulary/secret.ts'

const secret = new Secret('crm', () => 's3cr"t/wörd')

it('a secret shows itself to nobody who does not ask it to', () => {
  expect([`${secret}`, String(secret), JSON.stringify({ secret }), inspect(secret), inspect({ deep: { secret } })]).toEqual(['***', '***', '{"secret":"***"}', 'Secret(crm)', '{ deep: { secret: Secret(crm) } }'])
  expect(secret.reveal()).toBe('s3cr"t/wörd')
})

it('the value of a secret is taken out of texts, as it is and as addresses and JSON have it', () => {
  secret.reveal()
  expect(withoutSecrets('login with s3cr"t/wörd failed; s3cr"t/wörd')).toBe('login with *** failed; ***')
  expect(withoutSecrets(`https://me:${encodeURIComponent('s3cr"t/wörd')}@host`)).toBe('https://me:***@host')
  expect(withoutSecrets(JSON.stringify({ password: 's3cr"t/wörd' }))).toBe('{"password":"***"}')
  expect(dataWithoutSecrets({ a: ['x s3cr"t/wörd'], b: { c: 1, d: null }, e: new Date(0) })).toEqual({ a: ['x ***'], b: { c: 1, d: null }, e: new Date(0) })
})

it('a secret too short to be told from words leaves them alone', () => {
  expect([new Secret('short', () => 'an').reveal(), withoutSecrets('an answer')]).toEqual(['an', 'an answer'])
})
