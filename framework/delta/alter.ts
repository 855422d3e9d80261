import { mapped } from './column-mapping.ts'
import { CannotWrite } from './delta-errors.ts'
import { withFeatures } from './protocol.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableChange } from './table-change.ts'

/** Sets table properties; undefined takes one away. Features that a property needs come with it. */
export function setProperties(base: Snapshot, properties: Readonly<Record<string, string | undefined>>): TableChange {
  const configuration = Object.fromEntries(Object.entries({ ...base.properties, ...properties }).filter((entry): entry is [string, string] => entry[1] !== undefined))
  const turnsOn = (name: string, value = 'true') => configuration[name] === value && base.properties[name] !== value
  if (configuration['delta.columnMapping.mode'] !== base.properties['delta.columnMapping.mode']) {
    if (!turnsOn('delta.columnMapping.mode', 'name') || base.mapping !== 'none') throw new CannotWrite(`The column mapping of ${base.root} cannot be changed that way.`, 'It can be turned on, with mode name.')
  }
  const mapping = turnsOn('delta.columnMapping.mode', 'name') ? mapped(base.schema, 0, 'own') : undefined
  const both = [...(turnsOn('delta.enableDeletionVectors') ? ['deletionVectors'] : []), ...(mapping ? ['columnMapping'] : []), ...(turnsOn('delta.enableTypeWidening') ? ['typeWidening'] : []), ...(turnsOn('delta.checkpointPolicy', 'v2') ? ['v2Checkpoint'] : [])]
  const writer = [
    ...(turnsOn('delta.enableChangeDataFeed') ? ['changeDataFeed'] : []),
    ...(turnsOn('delta.enableInCommitTimestamps') ? ['inCommitTimestamp'] : []),
    ...(Object.keys(properties).some(name => name.startsWith('delta.constraints.')) ? ['checkConstraints'] : []),
  ]
  const protocol = withFeatures(base.protocol, both, writer)
  return {
    adds: [], removes: [], reads: { kind: 'nothing' }, metrics: {},
    ...(protocol === base.protocol ? {} : { protocol }),
    metadata: {
      ...base.metadata,
      configuration: { ...configuration, ...(mapping ? { 'delta.columnMapping.maxColumnId': String(mapping.maxColumnId) } : {}) },
      ...(mapping ? { schemaString: JSON.stringify(mapping.schema) } : {}),
    },
  }
}
