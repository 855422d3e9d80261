import { visibleText } from './visible-text.ts'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Any text, fit to stand between tags or in an attribute. */
export const xmlText = (text: string): string => visibleText(text).replaceAll(/[&<>"']/g, character => ENTITIES[character]!)
