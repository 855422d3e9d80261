import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** The first character of a file's text that is not white space; '' where there is none. Reads no further than it must. */
export async function firstSign(location: string, gzip: boolean): Promise<string> {
  const bytes = createReadStream(location, { highWaterMark: 4_096 })
  const text = gzip ? pipeline(bytes, createGunzip(), () => undefined) : bytes
  for await (const chunk of text.setEncoding('utf8') as AsyncIterable<string>) {
    const sign = /[^\s\uFEFF]/.exec(chunk)
    if (sign) return sign[0]
  }
  return ''
}
