import { join } from 'node:path'
import { fingerprint } from '../vocabulary/version.ts'
import type { JobFiles } from './job-files.ts'

/**
 * What is known of the newest job for a subject, written down before the job is asked for: whoever comes after a crash sends the same token
 * and gets the same job, and whoever tries again after a failure sends another.
 */
export interface JobRecord {
  readonly version: 1
  readonly subject: string
  /** Names what was asked for: equal questions over equal inputs are one job's work. */
  readonly identity: string
  /** Counts up over all jobs of the subject. */
  readonly attempt: number
  readonly token: string
  readonly folder: string
  readonly engine: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** As the engine calls it, once it has answered. */
  readonly job?: string | undefined
  /** Who asked for it, or took it up last. Absent once it has been given up. */
  readonly holder?: string | undefined
}

/** A subject as the name of a file. */
export const fileNameOf = (subject: string): string => subject.replaceAll(/[^a-z0-9_/-]/gi, '_')

/** Keeps one record a subject, in the lake. Whichever machine reads it finds the folder where the lake is for it. */
export class JobRecords {
  constructor(readonly folder: string, readonly files: JobFiles) {}

  async of(subject: string): Promise<JobRecord | undefined> {
    const text = await this.files.read(this.#path(subject))
    if (text === undefined) return undefined
    const record = parsed(text)
    return record?.version === 1 ? { ...record, folder: this.files.pathOf(record.folder) } : undefined
  }

  async keep(record: JobRecord): Promise<JobRecord> {
    await this.files.replace(this.#path(record.subject), `${JSON.stringify({ ...record, folder: this.files.address(record.folder) })}\n`)
    return record
  }

  /** Lets whoever comes next know at once that nobody waits for the job, where that can still be said. */
  async forsake({ subject, token }: JobRecord): Promise<void> {
    try {
      const record = await this.of(subject)
      if (record?.token === token) await this.keep({ ...record, holder: undefined })
    } catch {
      // Whoever comes next finds it out by waiting.
    }
  }

  #path(subject: string): string {
    return join(this.folder, `${fileNameOf(subject)}.json`)
  }
}

/** What cannot be read names no job: the next has a folder of its own, and so a token. */
function parsed(text: string): JobRecord | undefined {
  try {
    return JSON.parse(text) as JobRecord
  } catch {
    return undefined
  }
}

/** The record of a new attempt. The token names it, so that asking twice starts one job. */
export function newAttempt(before: JobRecord | undefined, { subject, identity, folder, engine, holder, now }: Pick<JobRecord, 'subject' | 'identity' | 'folder' | 'engine' | 'holder'> & { readonly now: Date }): JobRecord {
  const attempt = (before?.attempt ?? 0) + 1
  return { version: 1, subject, identity, attempt, token: `varve-${fingerprint(subject, identity, folder, String(attempt)).slice(0, 48)}`, folder, engine, holder, startedAt: now.toISOString() }
}
