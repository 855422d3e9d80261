/** An object as a list or a look tells of it. */
export interface ObjectEntry {
  /** Below the store's place, without a leading slash. */
  readonly key: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly modified: number
  /** Names the content: it differs whenever the content does. */
  readonly etag: string
}

export interface ListOptions {
  /** Only keys that sort after this one, as bytes. */
  readonly after?: string | undefined
  /** Only what lies directly in the folder that the prefix names, and not in folders of it. */
  readonly flat?: boolean | undefined
}

/** A bucket, or a folder of one. What it has said is done is durable, and is seen by whoever asks afterwards. */
export interface ObjectStore {
  /** As a person would name it: `s3://bucket/prefix`. */
  readonly place: string
  /** The objects whose keys begin with the prefix, in the order of their keys as bytes. */
  list(prefix: string, options?: ListOptions): Promise<ObjectEntry[]>
  /** As {@link list}, where one request answers it whole; else undefined. */
  listWhole(prefix: string, options?: ListOptions): Promise<ObjectEntry[] | undefined>
  stat(key: string): Promise<ObjectEntry | undefined>
  /** The whole object, or undefined where there is none. */
  read(key: string): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined>
  /** Makes the object unless the key is taken. @returns whether it was made by this call, however long the answer took */
  putIfAbsent(key: string, content: string | Uint8Array): Promise<boolean>
  /** Makes or replaces the object. With `ifMatch` only while it still is the one with this etag. @returns whether it was done */
  put(key: string, content: string | Uint8Array, options?: { readonly ifMatch?: string | undefined }): Promise<boolean>
  /** Makes or replaces the object from a file on this machine, in parts where it is large. */
  upload(key: string, path: string): Promise<void>
  /** Brings the object onto this machine, whole or not at all, and holds it against the digest that it was uploaded with. @returns its size, or undefined where there is none */
  download(key: string, path: string): Promise<number | undefined>
  delete(keys: readonly string[]): Promise<void>
  /** Closes the connections that are kept open. */
  close(): Promise<void>
}
