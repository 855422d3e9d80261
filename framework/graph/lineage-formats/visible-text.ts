/** The text with what no document can hold made visible: control characters as their pictures (␀), halves of characters as �. */
export const visibleText = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu, picture)

function picture(character: string): string {
  const code = character.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '␡' : '�'
}

/** Prose as one line. */
export const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ')
