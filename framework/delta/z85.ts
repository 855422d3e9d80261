const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]))

/** Z85 of ZeroMQ's RFC 32: four bytes as five printable characters. @param bytes a multiple of four of them */
export function z85(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let text = ''
  for (let at = 0; at < bytes.length; at += 4) {
    let value = view.getUint32(at)
    let five = ''
    for (let i = 0; i < 5; i += 1) {
      five = DIGITS[value % 85] + five
      value = Math.floor(value / 85)
    }
    text += five
  }
  return text
}

/** @throws where the text is not Z85 */
export function fromZ85(text: string): Buffer {
  if (text.length % 5 !== 0) throw new Error('the length is not a multiple of five')
  const bytes = Buffer.alloc((text.length / 5) * 4)
  for (let at = 0; at < text.length; at += 5) {
    let value = 0
    for (let i = 0; i < 5; i += 1) {
      const digit = VALUES.get(text[at + i]!)
      if (digit === undefined) throw new Error(`"${text[at + i]}" is no digit of Z85`)
      value = value * 85 + digit
    }
    if (value > 0xffffffff) throw new Error('the value is larger than four bytes hold')
    bytes.writeUInt32BE(value, (at / 5) * 4)
  }
  return bytes
}
