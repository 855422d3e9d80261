import type { SourceFile } from '#framework'

/**
 * A system that is read table by table: the door that a landing asset knows. A folder of exports is one way to be it; a connector that asks
 * the system itself hands over what it was answered, as files that it names.
 */
export interface Source<Table extends string> {
  /**
   * What the system has of a table, as files in an order that does not change. Where `since` is given, rows that last changed before may be
   * left out; none that changed at or after it may. No file means that there is nothing.
   */
  read(table: Table, since?: Date): Promise<readonly SourceFile[]>
}
