import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sharedFiles } from '../../framework/engines/job-files.ts'
import { JobRecords } from '../../framework/engines/job-record.ts'
import type { RemoteJob } from '../../framework/engines/remote-job.ts'
import { heldBy } from '../../framework/vocabulary/holder.ts'
import { until } from '../rig/gate.ts'
import type { ServiceOnTrial } from './engines-on-trial.ts'

/** How a service is started for a test: what it does with jobs is given by `outcomes` in turn, and the last goes for all that follow. */
export type StartService = (folder: string, outcomes: readonly ('leaves a file' | 'fails')[]) => Promise<ServiceOnTrial>

/** What everything that runs jobs on other machines must do about faults: never start a job twice, never lose one, never leave one behind. */
export function jobRunnerContract(name: string, start: StartService): void {
  describe(`jobs on ${name}`, () => {
    let folder: string
    let service: ServiceOnTrial
    let said: string[]
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'varve-jobs-'))
      mkdirSync(join(folder, 'table/_delta_log'), { recursive: true })
      said = []
    })
    afterEach(async () => {
      await service.server.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    const job = (at = 'a', sql = 'select 1 as id', more: Partial<RemoteJob> = {}): RemoteJob => ({ subject: 'silver/x', work: { kind: 'query', sql }, inputs: [], columns: [{ name: 'id', type: 'INTEGER' }], folder: join(folder, 'table/_staging', at), say: message => void said.push(message), ...more })
    const never = () => new AbortController().signal
    const records = () => new JobRecords(join(folder, 'jobs'), sharedFiles)
    /** One after the other, each by a process of its own that has dealt with what it was given. */
    async function run(asked: RemoteJob, signal = never()) {
      const runner = service.runner()
      try {
        return await runner.run(asked, signal)
      } finally {
        await runner.left(asked.subject)
      }
    }
    /** Waits as a process did that was killed: nobody hears of it any more. */
    const GONE = { holder: heldBy('orchestrator that was killed', 999_999_999), leaseMs: Infinity }
    const jobOf = async ({ subject }: RemoteJob) => {
      for (;;) {
        const record = await records().of(subject)
        if (record?.job !== undefined) return record.job
        await new Promise(resolve => setTimeout(resolve, 5))
      }
    }
    /** A process asks for a job, and is not heard of again once the service has told the job's id. */
    async function killedWhileItRuns(asked: RemoteJob): Promise<void> {
      service.gate.hold()
      void service.runner(GONE).run(asked, never()).catch(() => undefined)
      await until(() => service.states().at(-1) === 'RUNNING')
      await jobOf(asked)
    }
    const made = (at: string) => expect.stringContaining(join(folder, 'table/_staging', at))

    it('are started once, though the answer to the start is lost', async () => {
      service = await start(folder, ['leaves a file'])
      service.server.faults.push({ call: service.calls.start, how: 'drop', times: 2 })
      await run(job())
      expect([service.server.count(service.calls.start), service.states()]).toEqual([3, [service.succeeded]])
    })

    it('are found again by who comes after a crash, and not started a second time', async () => {
      service = await start(folder, ['leaves a file'])
      await killedWhileItRuns(job('a'))
      const after = run(job('b'))
      await until(() => said.some(message => message.includes('taking up')))
      service.gate.letGo()
      expect((await after).files).toEqual([made('a')])
      expect(service.tokens()).toHaveLength(1)
    })

    it('are found again where they read rows that were put there for them, which are not put there twice', async () => {
      service = await start(folder, ['leaves a file'])
      let puts = 0
      const landed = (content: string, at: string) => job(at, 'select 1 as id', { inputs: [{ name: 'landing/x', content, columns: [{ name: 'id', type: 'INTEGER' }], put: async () => [join(folder, `put-${puts += 1}.parquet`)] }] })
      await killedWhileItRuns(landed('1:dh1', 'a'))
      const after = run(landed('1:dh1', 'b'))
      await until(() => said.some(message => message.includes('taking up')))
      service.gate.letGo()
      await after
      expect(service.tokens()).toHaveLength(1)
      const before = puts
      await run(landed('2:dh1', 'c'))
      expect([service.tokens().length, puts > before]).toEqual([2, true])
    })

    it('are found by their token where the crash came before the answer', async () => {
      service = await start(folder, ['leaves a file'])
      await run(job('a'))
      await records().keep({ ...(await records().of('silver/x'))!, job: undefined })
      await run(job('b'))
      expect([service.server.count(service.calls.start), service.tokens().length]).toEqual([2, 1])
    })

    it('are asked for anew where what they made is gone', async () => {
      service = await start(folder, ['leaves a file'])
      const { files } = await run(job('a'))
      rmSync(files[0]!)
      expect((await run(job('b'))).files).toEqual([made('b')])
      expect(service.tokens()).toHaveLength(2)
    })

    it('are ended where something else is asked for, and nobody waits for them any more', async () => {
      service = await start(folder, ['leaves a file'])
      await killedWhileItRuns(job('a'))
      const second = run(job('b', 'select 2 as id'))
      await until(() => service.states()[0] === 'CANCELLED')
      service.gate.letGo()
      await second
      expect(service.states()).toEqual(['CANCELLED', service.succeeded])
    })

    it.each([['something else', 'select 2 as id', ', and which was asked for something else'], ['the same', 'select 1 as id', '']])('are left alone by who asks for %s while another orchestrator waits for them, which is said', async (_, sql, more) => {
      service = await start(folder, ['leaves a file'])
      service.gate.hold()
      const first = service.runner({ holder: heldBy('orchestrator one'), leaseMs: 60 })
      const running = first.run(job('a'), never())
      await until(() => service.states()[0] === 'RUNNING')
      const id = await jobOf(job('a'))
      const refused = { code: 'engines/job-of-another-run', message: expect.stringMatching(new RegExp(`^silver/x is being made by .+ ${id}, for which orchestrator one .+ waits${more}\\.$`)) }
      await expect(service.runner({ leaseMs: 60_000 }).run(job('b', sql), never())).rejects.toMatchObject(refused)
      service.gate.letGo()
      expect((await running).files).toEqual([made('a')])
      // What it made is not published yet: who asked the same would publish the same files.
      if (more === '') await expect(service.runner({ leaseMs: 60_000 }).run(job('b', sql), never())).rejects.toMatchObject(refused)
      await first.left('silver/x')
      expect([service.states(), service.tokens().length, existsSync(join(folder, 'jobs/silver/x.watched'))]).toEqual([[service.succeeded], 1, false])
    })

    it('of another machine are taken up once it has said nothing for a whole lease', async () => {
      service = await start(folder, ['leaves a file'])
      service.gate.hold()
      void service.runner({ holder: 'orchestrator one (process 1 on elsewhere.example)', leaseMs: Infinity }).run(job('a'), never()).catch(() => undefined)
      await jobOf(job('a'))
      const after = run(job('b'))
      await until(() => said.some(message => message.includes('taking up')))
      service.gate.letGo()
      expect((await after).files).toEqual([made('a')])
      expect(service.tokens()).toHaveLength(1)
    })

    it('are others when they are tried again after a failure: their tokens differ', async () => {
      service = await start(folder, ['fails', 'leaves a file'])
      await expect(run(job('a'))).rejects.toMatchObject({ code: 'engines/job-failed', state: 'FAILED' })
      await run(job('b'))
      expect([new Set(service.tokens()).size, service.states()]).toEqual([2, ['FAILED', service.succeeded]])
    })

    it('end with the run that waits for them, which goes on once they have ended', async () => {
      service = await start(folder, ['leaves a file'])
      service.gate.hold()
      const controller = new AbortController()
      const running = run(job(), controller.signal).catch((error: unknown) => error)
      await until(() => service.states()[0] === 'RUNNING')
      controller.abort(new Error('stopped by a person'))
      expect([await running, service.states()]).toMatchObject([{ message: 'stopped by a person' }, ['CANCELLED']])
    })

    it('end with a run that was stopped before they were asked for', async () => {
      service = await start(folder, ['leaves a file'])
      service.gate.hold()
      await expect(run(job(), AbortSignal.abort(new Error('stopped by a person')))).rejects.toThrow('stopped by a person')
      expect(service.states().filter(state => state !== 'CANCELLED')).toEqual([])
    })

    it('are waited for through the queue, refusals for haste, errors of the service, and a state that is not known', async () => {
      service = await start(folder, ['leaves a file'])
      service.server.queue.hold()
      service.gate.hold()
      const { start: begin, look } = service.calls
      service.server.faults.push({ call: begin, how: 'throttle', times: 2 }, { call: look, how: 'throttle', times: 4 }, { call: look, how: 'error', times: 1 }, { call: look, how: 'drop', times: 1 })
      service.server.strangeState = 'HIBERNATING'
      const running = run(job())
      await until(() => said.some(message => message.endsWith('is QUEUED')))
      service.server.queue.letGo()
      await until(() => said.some(message => message.includes('HIBERNATING')))
      service.gate.letGo()
      await running
      expect(said.find(message => message.includes('HIBERNATING'))).toMatch(/is HIBERNATING, a state that is not known; it counts as running$/)
      expect(service.tokens()).toHaveLength(1)
    })

    it('are looked at again and again while they are queued, said once, and end with the run in the queue too', async () => {
      service = await start(folder, ['leaves a file'])
      service.server.queue.hold()
      const controller = new AbortController()
      const running = run(job(), controller.signal).catch((error: unknown) => error)
      await until(() => service.server.count(service.calls.look) > 12)
      expect(said.filter(message => message.endsWith('is QUEUED'))).toHaveLength(1)
      controller.abort(new Error('stopped by a person'))
      expect([await running, service.states()]).toMatchObject([{ message: 'stopped by a person' }, ['CANCELLED']])
    })

    it('are left to the next run where the service stays silent, which is said', async () => {
      service = await start(folder, ['leaves a file'])
      service.gate.hold()
      service.server.faults.push({ call: service.calls.look, how: 'error', times: Infinity })
      await expect(run(job('a'))).rejects.toMatchObject({ code: 'engines/no-answer', transient: true })
      service.server.faults.length = 0
      service.gate.letGo()
      expect((await run(job('b'))).files).toEqual([made('a')])
      expect(service.tokens()).toHaveLength(1)
    })

    it('end with their run though the word that ends them is refused, or heard and not heeded', async () => {
      service = await start(folder, ['leaves a file'])
      service.gate.hold()
      const { end } = service.calls
      service.server.faults.push({ call: end, how: 'throttle', times: 2 }, { call: end, how: 'ignore', times: 2 })
      const controller = new AbortController()
      const running = run(job(), controller.signal).catch((error: unknown) => error)
      await until(() => service.states()[0] === 'RUNNING')
      controller.abort(new Error('stopped by a person'))
      expect([await running, service.states()]).toMatchObject([{ message: 'stopped by a person' }, ['CANCELLED']])
    })

    it('are found again, or ended, though the first look of who comes after is refused', async () => {
      service = await start(folder, ['leaves a file'])
      const { look } = service.calls
      await killedWhileItRuns(job('a'))
      service.server.faults.push({ call: look, how: 'throttle', times: 2 })
      const after = service.runner(GONE).run(job('b'), never()).catch((error: unknown) => error)
      await until(() => said.some(message => message.includes('taking up')))
      service.server.faults.push({ call: look, how: 'error', times: 3 })
      const other = run(job('c', 'select 2 as id'))
      await until(() => service.states()[0] === 'CANCELLED')
      service.gate.letGo()
      await other
      expect([await after, service.states()]).toMatchObject([{ code: 'engines/job-failed' }, ['CANCELLED', service.succeeded]])
    })

    it('are asked for anew where the service has forgotten them, and where what was written down cannot be read', async () => {
      service = await start(folder, ['leaves a file'])
      await run(job('a'))
      const [token] = service.tokens()
      service.forget()
      expect((await run(job('b'))).files).toEqual([made('b')])
      expect(service.tokens()).not.toContain(token)
      writeFileSync(join(folder, 'jobs/silver/x.json'), '{"version": 1, "subj')
      expect((await run(job('c'))).files).toEqual([made('c')])
      expect(new Set(service.tokens()).size).toBe(2)
    })

    it('are asked for by a clock that is wrong, which is put right by what AWS says', async () => {
      service = await start(folder, ['leaves a file'])
      service.server.faults.push({ call: service.calls.start, how: 'skew', times: 1 })
      expect((await run(job('a'))).files).toEqual([made('a')])
    })

    it('are not asked for again and again where somebody may not, which is said with what is missing', async () => {
      service = await start(folder, ['leaves a file'])
      service.server.faults.push({ call: service.calls.start, how: 'deny', times: 1 })
      await expect(run(job('a'))).rejects.toMatchObject({ code: 'engines/call-refused', message: expect.stringContaining('not authorized to perform: iam:PassRole'), hint: expect.stringContaining('iam:PassRole') })
      expect(service.server.count(service.calls.start)).toBe(1)
    })

    it('outlive credentials that expire, and are taken up with new ones', async () => {
      service = await start(folder, ['leaves a file'])
      service.gate.hold()
      service.server.faults.push({ call: service.calls.look, how: 'expired', times: 1 })
      await expect(run(job('a'))).rejects.toMatchObject({ code: 'engines/credentials-expired' })
      service.gate.letGo()
      expect((await run(job('b'))).files).toEqual([made('a')])
      expect(service.tokens()).toHaveLength(1)
    })
  })
}
