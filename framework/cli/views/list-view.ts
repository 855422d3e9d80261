import type { AssetDefinition } from '../../definition/asset-definition.ts'
import type { Style } from '../terminal/style.ts'
import { byLayer } from './by-layer.ts'
import { tableLines } from './table-view.ts'

const WIDE = 100

/** A line an asset, layer by layer. How it is written is told where there is room. */
export function listLines(assets: readonly Pick<AssetDefinition, 'key' | 'kind' | 'write' | 'description'>[], { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const columns = [{ title: 'asset', least: 30, paint: style.bold }, { title: 'kind' }, ...(width < WIDE ? [] : [{ title: 'write', least: 10 }]), { title: 'what a row is', least: 16 }]
  const rows = byLayer(assets).map(({ key, kind, write, description }) => [key, kind, ...(width < WIDE ? [] : [write.mode]), description.split('\n')[0]!])
  return tableLines(columns, rows, { width, style })
}
