import { hash } from 'node:crypto'

/** Names the logic that makes an asset. It changes when the logic does. */
export type CodeVersion = string & { readonly __brand: 'CodeVersion' }

/** Names what an asset holds: equal content gives the equal version, whoever wrote it and when. */
export type DataVersion = string & { readonly __brand: 'DataVersion' }

/** SHA-256 over the parts, each led by its length, so that no two lists of parts run together. */
export function fingerprint(...parts: readonly string[]): string {
  let text = ''
  for (const part of parts) text += `${Buffer.byteLength(part)}:${part}`
  return hash('sha256', text, 'hex')
}

export const codeVersion = (...parts: readonly string[]): CodeVersion => fingerprint(...parts).slice(0, 32) as CodeVersion
