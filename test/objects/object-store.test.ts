import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { objectPlace, placeText } from '../../framework/objects/object-place.ts'
import { DisturbedProxy } from '../rig/disturbed-proxy.ts'
import { ObjectServer } from '../rig/object-server.ts'
import { objectStoreContract } from './object-store-contract.ts'

let server: ObjectServer
let proxy: DisturbedProxy

beforeAll(async () => {
  server = await ObjectServer.start('lake')
  proxy = await DisturbedProxy.before(server.endpoint)
})
afterAll(async () => {
  await proxy.stop()
  await server.stop()
})

objectStoreContract('a server in this process', () => proxy, 'lake')

describe('a place of objects', () => {
  it('is read from its address and printed back', () => {
    for (const [text, bucket, prefix] of [['s3://lake', 'lake', ''], ['s3://lake/', 'lake', ''], ['s3://my.lake-1/a/b/', 'my.lake-1', 'a/b/']] as const) {
      expect(objectPlace(text)).toEqual({ bucket, prefix })
      expect(placeText(objectPlace(text))).toBe(text.replace(/\/$/, ''))
    }
  })

  it.each(['s3://', 's3://A', 's3://ab', 's3:/lake', 'lake', 's3://lake/../x', 's3://lake/a//b', 's3://lake/./x'])('%s is refused', text => {
    expect(() => objectPlace(text)).toThrowError(expect.objectContaining({ code: 'objects/bad-place' }) as Error)
  })
})
