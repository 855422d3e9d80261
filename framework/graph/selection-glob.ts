/** Whether the text holds a `*` (any characters, a slash among them) or a `?` (one character). */
export const isGlob = (pattern: string) => /[*?]/.test(pattern)

/** The glob as a pattern for whole texts. */
export function globPattern(pattern: string): RegExp {
  const parts = pattern.replaceAll(/\*+/g, '*').split(/([*?])/)
  return new RegExp(`^${parts.map(part => (part === '*' ? '.*' : part === '?' ? '.' : part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&'))).join('')}$`, 's')
}
