import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AssetDefinition } from '../../definition/asset-definition.ts'
import type { Style } from '../terminal/style.ts'
import { byLayer } from './by-layer.ts'
import { tableLines } from './table-view.ts'

const WIDE = 100

/**
 * A line an asset, layer by layer. How it is written is told where there is room.
 * @param root what places are relative to: an asset's key leads to its file.
 */
export function listLines(assets: readonly Pick<AssetDefinition, 'key' | 'kind' | 'write' | 'description' | 'place'>[], root: string, { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const files = new Map<string, string | undefined>(assets.map(({ key, place }) => [key, place?.file]))
  const linked = (shown: string, key: string) => {
    const file = files.get(key)
    const text = shown.trimEnd()
    return (file === undefined ? style.bold(text) : style.link(style.bold(text), pathToFileURL(join(root, file)).href)) + shown.slice(text.length)
  }
  const columns = [{ title: 'asset', least: 30, paint: linked }, { title: 'kind' }, ...(width < WIDE ? [] : [{ title: 'write', least: 10 }]), { title: 'what a row is', least: 16 }]
  const rows = byLayer(assets).map(({ key, kind, write, description }) => [key, kind, ...(width < WIDE ? [] : [write.mode]), firstSentence(description)])
  return tableLines(columns, rows, { width, style })
}

const firstSentence = (text: string): string => text.split(/(?<=\.)\s|\n/, 1)[0]!
