import type { LifecycleDiff } from '../../project/bucket-lifecycle.ts'
import type { BucketRule, Lifecycle } from '../../project/lifecycle.ts'
import type { Style } from '../terminal/style.ts'
import { wrapped } from '../terminal/text-width.ts'

/** The rules with what becomes of each, then what is left alone and why. */
export function lifecycleLines({ rules, excluded, bucket, added, changed, removed, others, applied }: Lifecycle & LifecycleDiff, { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const mark = (id: string) => (added.includes(id) ? style.green('+') : changed.includes(id) ? style.yellow('~') : ' ')
  const due = added.length + changed.length + removed.length
  return [
    ...rules.map(rule => `${mark(rule.ID)} ${style.bold(rule.Filter.Prefix || '(the whole bucket)')}  ${inWords(rule)}`),
    ...removed.map(id => `${style.red('-')} ${id}`),
    ...excluded.flatMap(({ prefix, reason }) => wrapped(`${style.yellow(style.symbols.warning)} ${style.bold(prefix)}  left alone: ${reason}`, width)),
    '',
    `${bucket}: ${due === 0 ? 'as it must be' : applied ? `${due} ${due === 1 ? 'rule' : 'rules'} set` : `${due} ${due === 1 ? 'rule is' : 'rules are'} to be set, with --apply`}${others.length === 0 ? '' : `; ${others.length} of others stay`}.`,
  ]
}

function inWords({ Transitions = [], AbortIncompleteMultipartUpload: abort }: BucketRule): string {
  return [...Transitions.map(({ Days, StorageClass }) => `to ${StorageClass} after ${Days} days`), ...(abort ? [`uploads that were given up go after ${abort.DaysAfterInitiation} days`] : [])].join(', ')
}
