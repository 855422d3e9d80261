/** The known names closest to a mistyped one, nearest first; at most three, and none that is too far to be meant. */
export function nearNames(name: string, known: Iterable<string>): string[] {
  const scored: { name: string; score: number }[] = []
  for (const other of known) {
    const contained = last(name).length > 2 && (other.includes(last(name)) || name.includes(last(other)))
    const score = Math.min(distance(name, other), distance(last(name), last(other)) + 1, contained ? 2 : Infinity)
    if (score <= Math.max(2, Math.floor(name.length / 3))) scored.push({ name: other, score })
  }
  return scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1)).slice(0, 3).map(({ name }) => name)
}

/** `Did you mean a, b or c?`, or the fallback where nothing is near. */
export function didYouMean(name: string, known: Iterable<string>, fallback: string): string {
  const near = nearNames(name, known)
  return near.length === 0 ? fallback : `Did you mean ${inWords(near, 'or')}?`
}

/** `a, b and c`. */
export function inWords(names: readonly string[], word: 'and' | 'or' = 'and'): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`
}

const last = (text: string): string => text.slice(text.lastIndexOf('/') + 1)

/** Edit distance in which a swap of neighbours counts one (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, beforePrevious[j - 2]! + 1)
    }
    beforePrevious = previous
    previous = row
  }
  return previous[b.length]!
}
