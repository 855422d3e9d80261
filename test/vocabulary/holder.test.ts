import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { holderOf, isGone } from '../../framework/vocabulary/holder.ts'

test('a process of this machine is gone when it has ended, however it ended', async () => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
  await once(child, 'spawn')
  const holder = holderOf('run-1', child.pid)
  expect([isGone(holder), isGone(holderOf('run-2'))]).toEqual([false, false])
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isGone(holder)).toBe(true)
})

test('of a process of another machine, or of none, it can\'t be told', () => {
  expect([isGone('run run-1 (process 999999999 on elsewhere.example)'), isGone('run-1')]).toEqual([false, false])
})
