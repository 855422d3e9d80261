/** Row numbers of a file, as Delta stores them: 64-bit roaring bitmaps in their portable form, https://github.com/RoaringBitmap/RoaringFormatSpec */

const MAGIC = 1681511377
const NATIVE_MAGIC = 1681511376
const WITH_RUNS = 12347
const WITHOUT_RUNS = 12346

/** Calls back with each number of a bitmap, in rising order. @throws where the bytes are no bitmap */
export function eachRow(bytes: Buffer, found: (row: number) => void): void {
  const magic = bytes.readUInt32LE(0)
  if (magic === NATIVE_MAGIC) {
    nativeArray(bytes, found)
    return
  }
  if (magic !== MAGIC) throw new Error(`unknown magic number ${magic}`)
  const buckets = Number(bytes.readBigUInt64LE(4))
  let at = 12
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const high = bytes.readUInt32LE(at)
    at = eachOfBucket(bytes, at + 4, high * 2 ** 32, found)
  }
}

/** The bitmap of sorted, unique row numbers. */
export function bitmapOf(rows: ArrayLike<number>): Buffer {
  const buckets: Buffer[] = []
  for (let start = 0; start < rows.length;) {
    const high = Math.floor(rows[start]! / 2 ** 32)
    let end = start
    while (end < rows.length && Math.floor(rows[end]! / 2 ** 32) === high) end += 1
    const key = Buffer.alloc(4)
    key.writeUInt32LE(high)
    buckets.push(key, bucketOf(rows, start, end))
    start = end
  }
  const head = Buffer.alloc(12)
  head.writeUInt32LE(MAGIC, 0)
  head.writeBigUInt64LE(BigInt(buckets.length / 2), 4)
  return Buffer.concat([head, ...buckets])
}

/** The first serialisation that Delta had: a 32-bit bitmap for each bucket from zero on, each led by its size. */
function nativeArray(bytes: Buffer, found: (row: number) => void): void {
  const count = bytes.readInt32LE(4)
  let at = 8
  for (let bucket = 0; bucket < count; bucket += 1) {
    const size = bytes.readInt32LE(at)
    eachOfBucket(bytes, at + 4, bucket * 2 ** 32, found)
    at += 4 + size
  }
}

/** @returns where the bucket ends */
function eachOfBucket(bytes: Buffer, start: number, base: number, found: (row: number) => void): number {
  let at = start
  const cookie = bytes.readUInt32LE(at)
  at += 4
  let containers: number
  let runs: Buffer | undefined
  if ((cookie & 0xffff) === WITH_RUNS) {
    containers = (cookie >>> 16) + 1
    runs = bytes.subarray(at, at + ((containers + 7) >> 3))
    at += runs.length
  } else if (cookie === WITHOUT_RUNS) {
    containers = bytes.readUInt32LE(at)
    at += 4
  } else throw new Error(`unknown cookie ${cookie}`)
  const heads = at
  at += containers * 4
  if (!runs || containers >= 4) at += containers * 4
  for (let i = 0; i < containers; i += 1) {
    const from = base + bytes.readUInt16LE(heads + i * 4) * 65536
    const cardinality = bytes.readUInt16LE(heads + i * 4 + 2) + 1
    if (runs && (runs[i >> 3]! >> (i & 7)) & 1) at = eachOfRuns(bytes, at, from, found)
    else if (cardinality > 4096) at = eachOfBits(bytes, at, from, found)
    else for (let n = 0; n < cardinality; n += 1, at += 2) found(from + bytes.readUInt16LE(at))
  }
  return at
}

function eachOfRuns(bytes: Buffer, start: number, from: number, found: (row: number) => void): number {
  const count = bytes.readUInt16LE(start)
  let at = start + 2
  for (let run = 0; run < count; run += 1, at += 4) {
    const first = bytes.readUInt16LE(at)
    const last = first + bytes.readUInt16LE(at + 2)
    for (let value = first; value <= last; value += 1) found(from + value)
  }
  return at
}

function eachOfBits(bytes: Buffer, start: number, from: number, found: (row: number) => void): number {
  for (let i = 0; i < 8192; i += 1) {
    const byte = bytes[start + i]!
    for (let bit = 0; byte >> bit; bit += 1) if ((byte >> bit) & 1) found(from + i * 8 + bit)
  }
  return start + 8192
}

/** A 32-bit bitmap; each container of 65,536 numbers is written in whichever of the three ways is smallest. */
function bucketOf(rows: ArrayLike<number>, start: number, end: number): Buffer {
  const containers: { key: number; cardinality: number; data: Buffer; run: boolean }[] = []
  for (let from = start; from < end;) {
    const key = Math.floor(rows[from]! / 65536) % 65536
    let to = from
    let runs = 0
    while (to < end && Math.floor(rows[to]! / 65536) % 65536 === key) {
      if (to === from || rows[to] !== rows[to - 1]! + 1) runs += 1
      to += 1
    }
    const plain = Math.min(8192, (to - from) * 2)
    const run = 2 + runs * 4 < plain
    containers.push({ key, cardinality: to - from, data: run ? runsOf(rows, from, to, runs) : plain === 8192 ? bitsOf(rows, from, to) : arrayOf(rows, from, to), run })
    from = to
  }
  const anyRun = containers.some(({ run }) => run)
  const flags = anyRun ? Buffer.alloc((containers.length + 7) >> 3) : Buffer.alloc(4)
  const cookie = Buffer.alloc(4)
  if (anyRun) {
    cookie.writeUInt32LE((((containers.length - 1) << 16) | WITH_RUNS) >>> 0)
    containers.forEach(({ run }, i) => { if (run) flags[i >> 3]! |= 1 << (i & 7) })
  } else {
    cookie.writeUInt32LE(WITHOUT_RUNS)
    flags.writeUInt32LE(containers.length)
  }
  const heads = Buffer.alloc(containers.length * 4)
  const offsets = Buffer.alloc(anyRun && containers.length < 4 ? 0 : containers.length * 4)
  let offset = 4 + flags.length + heads.length + offsets.length
  containers.forEach(({ key, cardinality, data }, i) => {
    heads.writeUInt16LE(key, i * 4)
    heads.writeUInt16LE(cardinality - 1, i * 4 + 2)
    if (offsets.length > 0) offsets.writeUInt32LE(offset, i * 4)
    offset += data.length
  })
  return Buffer.concat([cookie, flags, heads, offsets, ...containers.map(({ data }) => data)])
}

function arrayOf(rows: ArrayLike<number>, from: number, to: number): Buffer {
  const data = Buffer.alloc((to - from) * 2)
  for (let i = from; i < to; i += 1) data.writeUInt16LE(rows[i]! % 65536, (i - from) * 2)
  return data
}

function bitsOf(rows: ArrayLike<number>, from: number, to: number): Buffer {
  const data = Buffer.alloc(8192)
  for (let i = from; i < to; i += 1) {
    const low = rows[i]! % 65536
    data[low >> 3]! |= 1 << (low & 7)
  }
  return data
}

function runsOf(rows: ArrayLike<number>, from: number, to: number, runs: number): Buffer {
  const data = Buffer.alloc(2 + runs * 4)
  data.writeUInt16LE(runs, 0)
  let at = 2
  for (let i = from; i < to;) {
    let last = i
    while (last + 1 < to && rows[last + 1] === rows[last]! + 1) last += 1
    data.writeUInt16LE(rows[i]! % 65536, at)
    data.writeUInt16LE(last - i, at + 2)
    at += 4
    i = last + 1
  }
  return data
}
