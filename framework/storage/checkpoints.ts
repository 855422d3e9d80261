import { join } from 'node:path'
import { filesAt } from '../objects/lake-files.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { VersionedNote } from './versioned-note.ts'

/** How far the partitions of a topic have been read. The table's own commit is what counts; this is for people, and for who reads the topic. */
export interface Checkpoint {
  readonly topic: string
  /** By partition, the highest offset that was read. Reading goes on behind it. */
  readonly offsets: Readonly<Record<string, number>>
  /** ISO 8601, UTC. */
  readonly updated_at: string
  /** The version of the table that the offsets were committed with. */
  readonly version: number
  readonly run_id: string
  readonly table: AssetKey
}

/** From where a topic is to be read again. */
export type ReplayFrom =
  | { readonly kind: 'earliest' }
  /** The first message at or after an instant, ISO 8601, of each partition. */
  | { readonly kind: 'time'; readonly at: string }
  /** The first offset to be read, by partition; partitions that are not named are read from their beginning. */
  | { readonly kind: 'offsets'; readonly offsets: Readonly<Record<string, number>> }

/** A replay that was asked for and has not been done. */
export interface Replay {
  readonly from: ReplayFrom
  /** ISO 8601, UTC. */
  readonly asked_at: string
  /** Where the checkpoint is now that was in force. */
  readonly archived: string | null
}

/** Checkpoints of streams, one folder a topic: `checkpoint.json`, what each commit left in `commits/`, and old ones in `archive/`. */
export class Checkpoints {
  constructor(readonly folder: string) {}

  read(topic: string): Promise<Checkpoint | undefined> {
    return this.#note(topic).read()
  }

  /** After a commit. A replay that it answers is done. */
  async write(checkpoint: Checkpoint, replayed: boolean): Promise<void> {
    if (replayed) await this.#note(checkpoint.topic).restore(checkpoint)
    else await this.#note(checkpoint.topic).write(checkpoint)
    if (replayed) await filesAt(this.folder).remove([this.#replay(checkpoint.topic)])
  }

  restore(checkpoint: Checkpoint): Promise<void> {
    return this.#note(checkpoint.topic).restore(checkpoint)
  }

  async replayOf(topic: string): Promise<Replay | undefined> {
    const text = await filesAt(this.folder).read(this.#replay(topic))
    return text === undefined ? undefined : (JSON.parse(text) as Replay)
  }

  /** Puts the checkpoint into the archive and notes from where to read. @returns where the old one is */
  async askReplay(topic: string, from: ReplayFrom, now: Date): Promise<Replay> {
    const files = filesAt(this.folder)
    const old = await this.read(topic)
    const archived = old ? join(this.folder, topic, 'archive', `${now.toISOString().replaceAll(/[-:.]/g, '')}.json`) : null
    if (archived !== null) await files.replace(archived, `${JSON.stringify(old, null, 2)}\n`)
    const replay: Replay = { from, asked_at: now.toISOString(), archived }
    await files.replace(this.#replay(topic), `${JSON.stringify(replay, null, 2)}\n`)
    await this.#note(topic).forget()
    return replay
  }

  #note(topic: string): VersionedNote<Checkpoint> {
    return new VersionedNote(join(this.folder, topic, 'checkpoint.json'), join(this.folder, topic, 'commits'))
  }

  #replay(topic: string): string {
    return join(this.folder, topic, 'replay.json')
  }
}
