/** When an asset should be made without anyone asking: plain data, which the daemon evaluates over the asset's slices at every tick. */
export type AutomationCondition =
  | { readonly is: SliceFact }
  /** A time of the expression lies between this tick and the one before. */
  | { readonly is: 'cronTickPassed'; readonly cron: string; readonly timezone: string }
  /** Made, or found to need nothing, since the newest time of the expression. */
  | { readonly is: 'updatedSinceCron'; readonly cron: string; readonly timezone: string }
  | { readonly is: 'and' | 'or'; readonly of: readonly AutomationCondition[] }
  | { readonly is: 'not' | 'newlyTrue'; readonly of: AutomationCondition }
  /** From when the trigger holds until the reset does. Where both do, the reset wins. */
  | { readonly is: 'since'; readonly trigger: AutomationCondition; readonly reset: AutomationCondition }
  /** Slices of which some, or every, upstream slice that they read fulfils it. */
  | { readonly is: 'anyDepsMatch' | 'allDepsMatch'; readonly of: AutomationCondition }
  /** A whole with a name, so that a trace can be read: `eager`. */
  | { readonly is: 'named'; readonly name: string; readonly of: AutomationCondition }

/** What is true or not of a slice, whatever was asked of it before. */
export type SliceFact =
  /** It was never made. */
  | 'missing'
  /** A run is to make it, or is about to. */
  | 'inProgress'
  /** The newest attempt at it ended badly. */
  | 'executionFailed'
  /** It was made since the tick before. */
  | 'newlyUpdated'
  /** It was asked for at the tick before. */
  | 'newlyRequested'
  /** It is asked for at this tick, earlier in the order of upstreams first. */
  | 'willBeRequested'
  /** Something that it reads came out otherwise since the tick before, or will be asked for, by a run that does not make this asset anyway. */
  | 'upstreamUpdated'
  /** It was made, but something that it reads came out otherwise since. */
  | 'behind'
  /** The newest window of time that has ended, of assets with slices of time; every slice of others. */
  | 'inLatestTimeWindow'
  /** The logic is not the one of the tick before. */
  | 'codeChanged'
