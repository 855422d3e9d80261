import type { Metadata, Protocol } from './actions.ts'
import { CannotWrite, UnsupportedFeature } from './delta-errors.ts'
import { isArray, isMap, isStruct, type DeltaType, type MappingMode, type StructType } from './schema-types.ts'

/** `compat`: reader 1, writer 2, no features: every reader there is. `modern`: reader 3, writer 7 with deletion vectors: merges are ten times cheaper. */
export type Profile = 'compat' | 'modern'

/** The protocol that a new table of the profile needs; features are only added where the table uses them. */
export function protocolFor(profile: Profile, schema: StructType, properties: Readonly<Record<string, string>>): Protocol {
  const both = [
    ...(profile === 'modern' ? ['deletionVectors'] : []),
    ...(usesType(schema, 'timestamp_ntz') ? ['timestampNtz'] : []),
    ...(mappingMode(properties) === 'none' ? [] : ['columnMapping']),
    ...(properties['delta.enableTypeWidening'] === 'true' ? ['typeWidening'] : []),
    ...(properties['delta.checkpointPolicy'] === 'v2' ? ['v2Checkpoint'] : []),
  ]
  const writer = [
    ...(properties['delta.enableChangeDataFeed'] === 'true' ? ['changeDataFeed'] : []),
    ...(properties['delta.enableInCommitTimestamps'] === 'true' ? ['inCommitTimestamp'] : []),
    ...(Object.keys(properties).some(name => name.startsWith('delta.constraints.')) ? ['checkConstraints'] : []),
    ...columnFeatures(schema),
  ]
  if (both.length === 0 && writer.length === 0) return { minReaderVersion: 1, minWriterVersion: 2 }
  if (both.length === 0) return { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: [...writer, 'appendOnly', 'invariants'] }
  return { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: both, writerFeatures: [...both, ...writer, 'appendOnly', 'invariants'] }
}

/** The protocol with features added to it, which makes a table of an older one name the features that it had by its version. */
export function withFeatures(protocol: Protocol, reader: readonly string[], writer: readonly string[] = []): Protocol {
  const has = supportedFeatures(protocol)
  const missing = [...reader, ...writer].filter(feature => !has.has(feature))
  if (missing.length === 0) return protocol
  const writerFeatures = [...new Set([...has, ...reader, ...writer])]
  const readerFeatures = [...new Set([...(protocol.readerFeatures ?? []), ...(protocol.minReaderVersion === 2 ? ['columnMapping'] : []), ...reader])]
  const minReaderVersion = readerFeatures.length > 0 || protocol.minReaderVersion === 3 ? 3 : 1
  return { minReaderVersion, minWriterVersion: 7, ...(minReaderVersion === 3 ? { readerFeatures } : {}), writerFeatures }
}

/** Every feature that a writer of the table must know, whether named or implied by the version. */
export function supportedFeatures({ minWriterVersion, writerFeatures = [] }: Protocol): ReadonlySet<string> {
  if (minWriterVersion >= 7) return new Set(writerFeatures)
  return new Set(IMPLIED.filter(([version]) => version <= minWriterVersion).flatMap(([, features]) => features))
}

/** @throws {UnsupportedFeature} naming all that we cannot read */
export function checkReadable(protocol: Protocol, root: string): void {
  if (protocol.minReaderVersion > 3 || protocol.minReaderVersion < 1) throw new UnsupportedFeature('read', [`reader version ${protocol.minReaderVersion}`], root)
  const unknown = protocol.minReaderVersion === 3 ? (protocol.readerFeatures ?? []).filter(feature => !READABLE.has(feature)) : []
  if (unknown.length > 0) throw new UnsupportedFeature('read', unknown, root)
}

/** @throws {UnsupportedFeature} naming all that we cannot write, {CannotWrite} where a rule of the table is one that we cannot keep */
export function checkWritable(protocol: Protocol, metadata: Metadata, schema: StructType, root: string): void {
  checkReadable(protocol, root)
  if (protocol.minWriterVersion > 7) throw new UnsupportedFeature('write', [`writer version ${protocol.minWriterVersion}`], root)
  const features = supportedFeatures(protocol)
  const unknown = [...features].filter(feature => !WRITABLE.has(feature))
  if (unknown.length > 0) throw new UnsupportedFeature('write', unknown, root)
  if (usesType(schema, 'variant')) throw new CannotWrite(`${root} has a column of type variant, which cannot be written here.`, 'Write it with the engine that made it.')
}

/** What a writer must know of the columns of a schema. */
export const columnFeatures = (schema: StructType): string[] =>
  Object.entries({ generatedColumns: 'delta.generationExpression', identityColumns: 'delta.identity.start', allowColumnDefaults: 'CURRENT_DEFAULT' }).flatMap(([feature, key]) => (anyField(schema, metadata => key in metadata) ? [feature] : []))

/** Whether rows of the table may be deleted by marking them. */
export const allowsVectors = (protocol: Protocol, properties: Readonly<Record<string, string>>): boolean =>
  properties['delta.enableDeletionVectors'] === 'true' && (protocol.writerFeatures ?? []).includes('deletionVectors')

export function mappingMode(properties: Readonly<Record<string, string>>): MappingMode {
  const mode = properties['delta.columnMapping.mode']
  return mode === 'name' || mode === 'id' ? mode : 'none'
}

export function usesType(type: DeltaType, name: string): boolean {
  if (isStruct(type)) return type.fields.some(field => usesType(field.type, name))
  if (isArray(type)) return usesType(type.elementType, name)
  if (isMap(type)) return usesType(type.keyType, name) || usesType(type.valueType, name)
  return type === name
}

/** Whether some field, at any depth, has metadata of which the question is true. */
export function anyField(type: DeltaType, question: (metadata: Readonly<Record<string, unknown>>) => boolean): boolean {
  if (isStruct(type)) return type.fields.some(field => question(field.metadata ?? {}) || anyField(field.type, question))
  if (isArray(type)) return anyField(type.elementType, question)
  if (isMap(type)) return anyField(type.keyType, question) || anyField(type.valueType, question)
  return false
}

const READABLE: ReadonlySet<string> = new Set([
  'columnMapping', 'deletionVectors', 'timestampNtz', 'v2Checkpoint', 'vacuumProtocolCheck', 'typeWidening', 'typeWidening-preview',
  'variantType', 'variantType-preview', 'variantShredding', 'variantShredding-preview',
])

const WRITABLE: ReadonlySet<string> = new Set([
  'appendOnly', 'invariants', 'checkConstraints', 'generatedColumns', 'changeDataFeed', 'columnMapping', 'deletionVectors', 'timestampNtz', 'domainMetadata', 'v2Checkpoint',
  'inCommitTimestamp', 'vacuumProtocolCheck', 'typeWidening', 'typeWidening-preview', 'identityColumns', 'allowColumnDefaults',
  'clustering', 'checkpointProtection',
])

const IMPLIED: readonly (readonly [version: number, features: readonly string[]])[] = [
  [2, ['appendOnly', 'invariants']], [3, ['checkConstraints']], [4, ['changeDataFeed', 'generatedColumns']], [5, ['columnMapping']], [6, ['identityColumns']],
]
