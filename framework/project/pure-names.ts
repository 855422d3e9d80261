/** What of the framework's face neither reads anything nor keeps anything. */
export const PURE_FACE: ReadonlySet<string> = new Set([
  'Asset', 'Upstream', 'Check', 'SqlAsset', 'RowAsset', 'FileAsset', 'ExternalAsset', 'PublishAsset',
  'between', 'castable', 'expression', 'masked', 'matches', 'maxLength', 'minLength', 'notNull', 'oneOf', 'primaryKey', 'recent', 'relationship', 'rowCount', 'unique',
  'anomaly', 'fresh', 'matchesContract', 'monotonic', 'noRows', 'schema', 'sumEquals',
  'CAST_FAILED', 'ORIGIN', 'POSITION', 'conform', 'failedCasts', 'decimalOf', 'matchesWhole', 'read', 'readAmerican', 'trimmed',
  'append', 'merge', 'overwrite', 'overwritePartition', 'scd2',
  'allDepsMatch', 'and', 'anyDepsMatch', 'behind', 'codeChanged', 'cronTickPassed', 'eager', 'executionFailed', 'inLatestTimeWindow', 'inProgress', 'missing', 'named', 'newlyRequested',
  'newlyTrue', 'newlyUpdated', 'not', 'onCron', 'onMissing', 'or', 'since', 'updatedSinceCron', 'upstreamUpdated', 'willBeRequested',
  'allPartitions', 'dimension', 'dimensions', 'latestPartition', 'previousPartition', 'samePartition', 'timeWindow',
  'dynamicPartitions', 'product', 'staticPartitions', 'cronPartitions', 'daily', 'hourly', 'monthly', 'weekly',
  'ExplainedError', 'choosing', 'column', 'inDialects', 'join', 'mask', 'sql', 'sqlType',
])

/** What of it hands over something of the world outside, or functions that a text can't keep. */
export const WORLDLY_FACE: ReadonlySet<string> = new Set(['Resource', 'SparkAsset', 'SourceSettings', 'Watermarks', 'Secrets', 'Secret', 'MaskingPolicy', 'WarehouseSettings', 'customMapping'])

/** Globals of the language that give the same for the same, always and everywhere. */
const PURE_GLOBALS = new Set([
  'undefined', 'NaN', 'Infinity', 'Array', 'BigInt', 'Boolean', 'Error', 'JSON', 'Map', 'Number', 'RangeError', 'Set', 'String', 'Symbol', 'TypeError',
  'parseInt', 'parseFloat', 'isNaN', 'isFinite', 'encodeURIComponent', 'decodeURIComponent',
])

const OF_GLOBALS = new Set([
  ...['abs', 'ceil', 'floor', 'round', 'trunc', 'sign', 'max', 'min', 'pow', 'sqrt', 'imul', 'PI', 'E'].map(name => `Math.${name}`),
  ...['keys', 'values', 'entries', 'fromEntries', 'freeze', 'isFrozen', 'hasOwn', 'is', 'assign', 'groupBy'].map(name => `Object.${name}`),
])

export const isPureName = (name: string | undefined): boolean => name !== undefined && (PURE_FACE.has(name) || OF_GLOBALS.has(name))
export const isPureGlobal = (name: string): boolean => PURE_GLOBALS.has(name)

/** Names that stand for something of the world wherever they are met, even where a module declares one of its own. */
export const UNKNOWABLE: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(globalThis).filter(name => !PURE_GLOBALS.has(name)),
  'arguments', 'eval', 'require', 'module', 'exports', 'window', 'self', 'navigator', '__dirname', '__filename',
])

/** Properties by which more than the object itself is come at, or the language of the machine. */
export const REVEALING: ReadonlySet<string> = new Set([
  'constructor', 'prototype', '__proto__', '__defineGetter__', '__defineSetter__', 'caller', 'callee', 'stack', 'captureStackTrace', 'stackTraceLimit', 'random',
  'localeCompare', 'toLocaleString', 'toLocaleDateString', 'toLocaleTimeString', 'toLocaleLowerCase', 'toLocaleUpperCase',
])

/** Methods that change the object they are called on. */
export const MUTATORS: ReadonlySet<string> = new Set(['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin', 'set', 'add', 'delete', 'clear', 'next'])

/** Methods whose answer is a new list or object. */
export const FRESH_CALLS: ReadonlySet<string> = new Set(['map', 'filter', 'slice', 'concat', 'flat', 'flatMap', 'split', 'keys', 'values', 'entries', 'fromEntries', 'from', 'toSorted', 'toReversed'])
