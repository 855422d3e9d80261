import type { Objection } from './translation-guard.ts'

/** The objections with the places in the text where what they are about begins, as line and column; without a text, as they are. */
export function placed(text: string | undefined, objections: readonly Objection[]): readonly Objection[] {
  if (text === undefined) return objections
  const bytes = Buffer.from(text)
  return objections.map(objection => {
    if (objection.at === undefined || objection.at >= bytes.length) return objection
    const lines = bytes.subarray(0, objection.at).toString().split('\n')
    return { ...objection, place: { line: lines.length, column: lines.at(-1)!.length + 1 } }
  })
}
