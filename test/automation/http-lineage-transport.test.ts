import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HttpLineageTransport } from '../../framework/automation/http-lineage-transport.ts'
import { LineageOutbox } from '../../framework/automation/lineage-outbox.ts'

let folder: string
let server: Server
let url: URL
let got: string[]
let answers: (event: string) => number | 'hang'
let said: string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varve-outbox-'))
  got = []
  said = []
  answers = () => 201
  server = createServer((request, response) => {
    let body = ''
    request.on('data', part => (body += String(part)))
    request.on('end', () => {
      const answer = answers(body)
      if (answer === 'hang') return
      if (answer < 300) got.push(`${request.headers.authorization ?? ''}${body}`)
      response.writeHead(answer).end(answer < 300 ? '' : 'no')
    })
  })
  await listening(0)
})
afterEach(async () => {
  await down()
  rmSync(folder, { recursive: true, force: true })
})

const listening = (port: number) => new Promise<void>(done => server.listen(port, '127.0.0.1', () => {
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/lineage`)
  done()
}))
const down = () => new Promise<void>(done => {
  server.closeAllConnections()
  server.close(() => done())
})
const transport = (more: object = {}) => new HttpLineageTransport(new LineageOutbox(folder), { url, timeoutMs: 10_000, pausesMs: [1, 1], say: line => said.push(line), ...more })
const waiting = () => readdirSync(join(folder, 'waiting')).length

it('posts every event once, in order, with the key', async () => {
  const events = Array.from({ length: 40 }, (_, i) => String(i))
  const sent = transport({ apiKey: 'secret' })
  for (const event of events) sent.send(event)
  await sent.close()
  expect([got, waiting(), said]).toEqual([events.map(event => `Bearer secret${event}`), 0, []])
})

it('keeps the events of many runs while the server is down, and delivers each once and in order when it is back', async () => {
  const { port } = url
  await down()
  for (const run of ['a', 'b', 'c']) {
    const sent = transport()
    for (let i = 0; i < 5; i += 1) sent.send(`${run}${i}`)
    await sent.close()
  }
  expect([waiting(), said.length, said[2]]).toEqual([15, 3, expect.stringContaining('(ECONNREFUSED); 15 wait for the next run')])
  await listening(Number(port))
  const sent = transport()
  sent.send('d0')
  await sent.close()
  expect([got, waiting()]).toEqual([[...['a', 'b', 'c'].flatMap(run => [0, 1, 2, 3, 4].map(i => `${run}${i}`)), 'd0'], 0])
})

it('does not let an event overtake those that wait, though the clock was set back', async () => {
  const { port } = url
  await down()
  const before = new LineageOutbox(folder)
  before.put('1')
  const [name] = before.waiting()
  renameSync(join(folder, 'waiting', name!), join(folder, 'waiting', `${String(Number(name!.slice(0, 17)) + 3_600_000_000).padStart(17, '0')}${name!.slice(17)}`))
  new LineageOutbox(folder).put('2')
  await listening(Number(port))
  await transport().close()
  expect(got).toEqual(['1', '2'])
})

it('tries again what a server does not take now, before anything that comes after it', async () => {
  const failures = new Map<string, number>()
  answers = event => {
    const before = failures.get(event) ?? 0
    failures.set(event, before + 1)
    return before < 2 ? [503, 429][before]! : 200
  }
  const sent = transport()
  for (const event of ['1', '2', '3']) sent.send(event)
  await sent.close()
  expect([got, said]).toEqual([['1', '2', '3'], []])
})

it('sets aside what the server refuses, with its answer, and goes on', async () => {
  answers = event => (event === 'bad' ? 422 : 201)
  const sent = transport()
  for (const event of ['1', 'bad', '2']) sent.send(event)
  await sent.close()
  const [event, answer] = readdirSync(join(folder, 'refused')).sort()
  expect([got, waiting(), readFileSync(join(folder, 'refused', event!), 'utf8'), readFileSync(join(folder, 'refused', answer!), 'utf8')]).toEqual([['1', '2'], 0, 'bad', '422 no\n'])
  expect(said).toEqual([expect.stringContaining('refused a lineage event (422 no)')])
})

it('does not wait for ever for a server that hangs, and keeps what it has not taken', async () => {
  answers = () => 'hang'
  const sent = transport({ timeoutMs: 20 })
  sent.send('1')
  await sent.close()
  expect([got, waiting(), said]).toEqual([[], 1, [expect.stringContaining('it does not answer')]])
})

it('lets one process at a time deliver, and takes over from one that is gone', async () => {
  const other = new LineageOutbox(folder)
  expect(other.lock()).toBe(true)
  const sent = transport()
  sent.send('1')
  await sent.close()
  expect([got, waiting()]).toEqual([[], 1])
  other.unlock()
  writeFileSync(join(folder, 'lock'), '999999999')
  const next = transport()
  await next.close()
  expect([got, waiting()]).toEqual([['1'], 0])
})
