import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { folder } from './setup-moto.ts'

export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }
export const REGION = 'eu-central-1'

/** A moto server of one's own. Everything in it is gone when it stops. */
export class Moto {
  private constructor(readonly endpoint: string, readonly process: ChildProcess) {}

  static async start(...buckets: string[]): Promise<Moto> {
    const port = await freePort()
    // As a module: the script beside it names the folder in which it was installed, and a checkout may move.
    const child = spawn(join(folder, 'bin/python'), ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
    const moto = new Moto(`http://127.0.0.1:${port}`, child)
    for (let tries = 0; !(await fetch(`${moto.endpoint}/moto-api/`).then(({ ok }) => ok, () => false)); tries += 1) {
      if (tries > 300 || child.exitCode !== null) throw new Error('moto_server does not start')
      await pause(100)
    }
    for (const bucket of buckets) await moto.makeBucket(bucket)
    return moto
  }

  async makeBucket(bucket: string): Promise<void> {
    const { S3Client, CreateBucketCommand } = await import('@aws-sdk/client-s3')
    const client = new S3Client({ endpoint: this.endpoint, region: REGION, credentials: CREDENTIALS, forcePathStyle: true })
    await client.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }))
    client.destroy()
  }

  async stop(): Promise<void> {
    this.process.kill()
    await new Promise(resolve => (this.process.exitCode !== null || this.process.signalCode !== null ? resolve(undefined) : this.process.once('exit', resolve)))
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
