import { expect, it } from 'vitest'
import { LeasedTurns } from '../../framework/execution/turn.ts'
import { MemoryLeases } from '../../framework/state/memory-leases.ts'
import { assetKey, type AssetKey } from '../../framework/vocabulary/asset-key.ts'

/** Counts what a database would do as transactions. */
class CountedLeases extends MemoryLeases {
  transactions = 0

  override together<T>(work: () => T): T {
    this.transactions += 1
    return super.together(work)
  }
}

const KEYS: readonly AssetKey[] = Array.from({ length: 50 }, (_, i) => assetKey(`silver/a${i}`))
const never = new AbortController().signal
const silent = () => undefined

it('takes the turns that begin together in one transaction, and gives back in one what ends together', async () => {
  const leases = new CountedLeases()
  const turns = new LeasedTurns(leases, 'a run', 60_000, () => false)
  let settled = 0
  const made = await Promise.all(KEYS.map(key => turns.take(key, never, silent, async turn => {
    turn.assertHeld()
    return key
  }, () => void (settled += 1))))
  expect(made).toEqual(KEYS)
  expect(settled).toBe(KEYS.length)
  expect(leases.transactions).toBe(2)
  for (const key of KEYS) expect(leases.acquire(key, 'another', 1, new Date())).toMatchObject({ ok: true })
})

it('waits for who holds an asset alone, and gives the others their turns meanwhile', async () => {
  const leases = new MemoryLeases()
  const [held, ...free] = KEYS
  const other = leases.acquire(held!, 'another run', 60_000, new Date())
  if (!other.ok) throw new Error('it is free')
  const turns = new LeasedTurns(leases, 'a run', 60_000, () => false)
  const said: string[] = []
  const late = turns.take(held!, never, message => void said.push(message), async turn => turn.again, silent)
  expect(await Promise.all(free.map(key => turns.take(key, never, silent, async turn => turn.again, silent)))).toEqual(free.map(() => false))
  expect(said).toEqual([`${held} is being written by another run; waiting for its turn`])
  leases.release(other.token)
  expect(await late).toBe(true)
})

it('lets each fail whose ending could not be settled, and keeps nobody from the assets', async () => {
  const leases = new MemoryLeases()
  const turns = new LeasedTurns(leases, 'a run', 60_000, () => false)
  const full = new Error('the disk is full')
  const ended = await Promise.allSettled(KEYS.map(key => turns.take(key, never, silent, async () => key, () => {
    if (key === KEYS[7]) throw full
  })))
  expect(ended.every(each => each.status === 'rejected' && each.reason === full)).toBe(true)
  for (const key of KEYS) expect(leases.acquire(key, 'another', 60_000, new Date())).toMatchObject({ ok: true })
})
