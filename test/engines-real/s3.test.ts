import { afterAll, beforeAll } from 'vitest'
import { DisturbedProxy } from '../rig/disturbed-proxy.ts'
import { objectStoreContract } from '../objects/object-store-contract.ts'
import { Moto } from './moto.ts'

let moto: Moto
let proxy: DisturbedProxy

beforeAll(async () => {
  moto = await Moto.start('lake')
  proxy = await DisturbedProxy.before(moto.endpoint)
})
afterAll(async () => {
  await proxy.stop()
  await moto.stop()
})

objectStoreContract("moto's server", () => proxy, 'lake')
