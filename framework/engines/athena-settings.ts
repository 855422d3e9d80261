/** `athena:` in the configuration. */
export interface AthenaSettings {
  /** The workgroup that queries run in: its limits, its encryption and, where it says so, its output count. */
  readonly workgroup: string
  /** The database of Glue that tables are registered in. `{layer}` in it is the layer of the asset: then its tables have the assets' own names. */
  readonly database: string
  /** As Athena calls the catalog. */
  readonly catalog: string
  /** Where Athena puts results and manifests. Absent: where the workgroup says. */
  readonly output?: string | undefined
  /** The key that what Athena writes is encrypted with. Absent: as the workgroup or the bucket does it by itself. */
  readonly kmsKey?: string | undefined
  readonly region?: string | undefined
  /** Of a server that speaks Athena, in place of AWS's own. */
  readonly endpoint?: string | undefined
  /** Of a server that speaks Glue, in place of AWS's own. */
  readonly glueEndpoint?: string | undefined
  /** A query that has scanned more than so many bytes is stopped. */
  readonly maxBytes?: number | undefined
  /** A query that takes longer, queue and all, is stopped. */
  readonly timeoutMinutes: number
  /** Athena reads instants of Delta tables by the millisecond. `refuse`: no query with instants runs there; `milliseconds`: the tables hold none that are finer. */
  readonly instants: 'refuse' | 'milliseconds'
  readonly price?: AthenaPrice | undefined
  /** How long to wait before the second look at a query, and at most, in milliseconds. */
  readonly poll: { readonly first: number; readonly most: number }
}

/** What AWS takes for what queries scan, by region: https://aws.amazon.com/athena/pricing/. */
export interface AthenaPrice {
  readonly perTerabyte: number
  readonly currency: string
}

/** What a table is called in Glue. */
export interface GlueName {
  readonly database: string
  readonly table: string
}

/** The table of an asset: `layer_name` in one database for all, or `name` in the database of its layer. Glue keeps names in small letters. */
export function glueNameOf(asset: string, pattern: string): GlueName {
  const [layer, ...rest] = asset.split('/')
  const name = rest.join('_')
  return pattern.includes('{layer}') ? { database: pattern.replaceAll('{layer}', layer!).toLowerCase(), table: name.toLowerCase() } : { database: pattern.toLowerCase(), table: `${layer}_${name}`.toLowerCase() }
}
