/** What the doctor found of one thing: it is as it must be, it will do, it will not, or nothing could be said because something before it is missing. */
export interface Finding {
  /** As in `bucket`: stable, for scripts. */
  readonly check: string
  readonly status: 'good' | 'warning' | 'bad' | 'skipped'
  readonly message: string
  /** What to do about it. */
  readonly hint?: string | undefined
}

export const good = (check: string, message: string): Finding => ({ check, status: 'good', message })
export const warning = (check: string, message: string, hint: string): Finding => ({ check, status: 'warning', message, hint })
export const bad = (check: string, message: string, hint: string): Finding => ({ check, status: 'bad', message, hint })
export const skipped = (check: string, message: string): Finding => ({ check, status: 'skipped', message })
