/** The name of one slice of an asset, as in `2026-03-01`. */
export type PartitionKey = string & { readonly __brand: 'PartitionKey' }
