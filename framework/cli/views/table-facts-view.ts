import type { TableFacts } from '../../project/any-table.ts'
import type { Style } from '../terminal/style.ts'
import { bytes, count, counted } from './amounts.ts'
import { tableLines } from './table-view.ts'

/** What `table --json` prints. */
export const tableFactsDocument = ({ rows, history, ...facts }: TableFacts): object => ({
  tableVersion: facts.version,
  ...facts,
  ...(rows !== undefined && { rows }),
  ...(history && { history: history.map(each => ({ ...each, timestamp: each.timestamp.toISOString(), provenance: undefined })) }),
})

/** A Delta table for people: its size, its rules and its columns. */
export function tableFactsLines(facts: TableFacts, { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const { version, rows, files, partitionColumns, schema, protocol, properties, deletionVectors, history } = facts
  const features = [...new Set([...(protocol.readerFeatures ?? []), ...(protocol.writerFeatures ?? [])])]
  const head = [
    `${style.bold('version')} ${count(version)}: ${rows === undefined ? '' : `${counted(rows, 'row')} in `}${counted(files, 'file')}, ${bytes(facts.bytes)}${deletionVectors > 0 ? `, ${counted(deletionVectors, 'deletion vector')}` : ''}`,
    `${style.bold('protocol')} reader ${protocol.minReaderVersion}, writer ${protocol.minWriterVersion}${features.length > 0 ? `: ${features.join(', ')}` : ''}`,
    ...(partitionColumns.length > 0 ? [`${style.bold('partitioned by')} ${partitionColumns.join(', ')}`] : []),
    ...Object.entries(properties).map(([name, value]) => `${style.dim(name)} ${value}`),
    ...facts.warnings.map(warning => style.yellow(`${style.symbols.warning} ${warning}`)),
    '',
  ]
  const columns = schema.fields.map(({ name, type, nullable }) => [name, typeof type === 'string' ? type : JSON.stringify(type), nullable ? '' : 'not null'])
  const versions = history?.map(each => [String(each.version), each.timestamp.toISOString(), each.operation, each.engineInfo ?? '']) ?? []
  return [
    ...head,
    ...tableLines([{ title: 'column', least: 10, paint: style.bold }, { title: 'type', least: 10, wrap: true }, { title: '', least: 0 }], columns, { width, style }),
    ...(versions.length > 0 ? ['', ...tableLines([{ title: 'version', least: 7 }, { title: 'when', least: 24 }, { title: 'what', least: 8 }, { title: 'by whom', least: 8 }], versions, { width, style })] : []),
  ]
}
